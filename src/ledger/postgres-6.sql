-- A claim finds what other jobs ask without passing over what its own job asked.
CREATE INDEX lantern_asked_by_job ON lantern_asked (question, job);
