-- People who can be reached, and how.
select
    people.id,
    people.title,
    enriched.email,
    enriched.phone_number
from {{ ref('people') }} as people
join {{ ref('people_enriched') }} as enriched using (id)
where enriched.status = 'found'
