-- pg_dump --inserts of a ledger of lantern 0.1 (schema 1).
CREATE TABLE public.lantern_batch_ids (
    job bigint NOT NULL,
    number bigint NOT NULL,
    ids bytea NOT NULL,
    cut_ids bytea
);
CREATE TABLE public.lantern_batches (
    job bigint NOT NULL,
    number bigint NOT NULL,
    count bigint NOT NULL,
    round bigint DEFAULT 0 NOT NULL,
    state text DEFAULT 'planned'::text NOT NULL,
    max_credits bigint DEFAULT 0 NOT NULL,
    credits bigint,
    written_off bigint DEFAULT 0 NOT NULL,
    run_id text,
    result_path text,
    credits_path text,
    owner text,
    sending_until bigint DEFAULT 0 NOT NULL,
    idempotency_key text NOT NULL,
    sends bigint DEFAULT 0 NOT NULL,
    returned bigint,
    emails bigint,
    phones bigint,
    cut bigint DEFAULT 0 NOT NULL,
    moved boolean DEFAULT false NOT NULL,
    error text,
    sent_at bigint,
    accepted_at bigint,
    finished_at bigint,
    loaded_at bigint,
    unknown_since bigint
);
CREATE TABLE public.lantern_jobs (
    id bigint NOT NULL,
    account text NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    parameters text NOT NULL,
    digest text NOT NULL,
    id_column text NOT NULL,
    id_type text NOT NULL,
    rows bigint NOT NULL,
    ids bigint NOT NULL,
    row_ids bytea NOT NULL,
    max_credits bigint NOT NULL,
    price bigint NOT NULL,
    base_url text NOT NULL,
    created_at bigint NOT NULL
);
ALTER TABLE public.lantern_jobs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.lantern_jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.lantern_schema (
    version bigint NOT NULL
);
CREATE TABLE public.lantern_slots (
    scope text NOT NULL,
    class text NOT NULL,
    last bigint NOT NULL,
    held bigint NOT NULL
);
INSERT INTO public.lantern_batch_ids VALUES (1, 1, '\x28b52ffd206f4d0100985b22503031222c32333435363738393130225d0a00a008d80736035bc03eb019d802f675a1710122', NULL);
INSERT INTO public.lantern_batch_ids VALUES (1, 2, '\x28b52ffd206f550100a05b2250303131222c32333435363738393230225d0a00a008d80736035bc03eb019d802f67521120022', NULL);
INSERT INTO public.lantern_batch_ids VALUES (1, 3, '\x28b52ffd206f550100a05b2250303231222c32333435363738393330225d0a00a008d80736035bc03eb019d802f67521120022', NULL);
INSERT INTO public.lantern_batch_ids VALUES (1, 4, '\x28b52ffd206f550100a05b2250303331222c32333435363738393430225d0a00a008d80736035bc03eb019d802f67521120022', NULL);
INSERT INTO public.lantern_batch_ids VALUES (2, 1, '\x28b52ffd206f4d0100985b22503031222c32333435363738393130225d0a00a008d80736035bc03eb019d802f675a1710122', NULL);
INSERT INTO public.lantern_batch_ids VALUES (2, 2, '\x28b52ffd206f550100a05b2250303131222c32333435363738393230225d0a00a008d80736035bc03eb019d802f67521120022', NULL);
INSERT INTO public.lantern_batch_ids VALUES (2, 4, '\x28b52ffd206f550100a05b2250303331222c32333435363738393430225d0a00a008d80736035bc03eb019d802f67521120022', NULL);
INSERT INTO public.lantern_batch_ids VALUES (2, 3, '\x28b52ffd206f550100a05b2250303231222c32333435363738393330225d0a00a008d80736035bc03eb019d802f67521120022', '\x28b52ffd2017a50000605b2250303239222c3330225d02002e492c4004');
INSERT INTO public.lantern_batch_ids VALUES (3, 1, '\x28b52ffd206f4d0100985b22503031222c32333435363738393130225d0a00a008d80736035bc03eb019d802f675a1710122', NULL);
INSERT INTO public.lantern_batch_ids VALUES (3, 2, '\x28b52ffd206f550100a05b2250303131222c32333435363738393230225d0a00a008d80736035bc03eb019d802f67521120022', NULL);
INSERT INTO public.lantern_batch_ids VALUES (3, 3, '\x28b52ffd206f550100a05b2250303231222c32333435363738393330225d0a00a008d80736035bc03eb019d802f67521120022', NULL);
INSERT INTO public.lantern_batch_ids VALUES (3, 4, '\x28b52ffd206f550100a05b2250303331222c32333435363738393430225d0a00a008d80736035bc03eb019d802f67521120022', NULL);
INSERT INTO public.lantern_batch_ids VALUES (4, 1, '\x28b52ffd206f4d0100985b22503031222c32333435363738393130225d0a00a008d80736035bc03eb019d802f675a1710122', NULL);
INSERT INTO public.lantern_batch_ids VALUES (4, 2, '\x28b52ffd206f550100a05b2250303131222c32333435363738393230225d0a00a008d80736035bc03eb019d802f67521120022', NULL);
INSERT INTO public.lantern_batch_ids VALUES (4, 3, '\x28b52ffd206f550100a05b2250303231222c32333435363738393330225d0a00a008d80736035bc03eb019d802f67521120022', NULL);
INSERT INTO public.lantern_batch_ids VALUES (4, 4, '\x28b52ffd206f550100a05b2250303331222c32333435363738393430225d0a00a008d80736035bc03eb019d802f67521120022', NULL);
INSERT INTO public.lantern_batch_ids VALUES (5, 1, '\x28b52ffd206f4d0100985b22503031222c32333435363738393130225d0a00a008d80736035bc03eb019d802f675a1710122', NULL);
INSERT INTO public.lantern_batch_ids VALUES (5, 2, '\x28b52ffd206f550100a05b2250303131222c32333435363738393230225d0a00a008d80736035bc03eb019d802f67521120022', NULL);
INSERT INTO public.lantern_batch_ids VALUES (5, 3, '\x28b52ffd206f550100a05b2250303231222c32333435363738393330225d0a00a008d80736035bc03eb019d802f67521120022', NULL);
INSERT INTO public.lantern_batch_ids VALUES (5, 4, '\x28b52ffd206f550100a05b2250303331222c32333435363738393430225d0a00a008d80736035bc03eb019d802f67521120022', NULL);
INSERT INTO public.lantern_batches VALUES (1, 1, 10, 0, 'loaded', 10, 4, 0, 'b61cac1b-fa3a-4629-99fe-c1df24e85114', 's3://lantern-results/1/email/b61cac1b-fa3a-4629-99fe-c1df24e85114/results.csv', 's3://lantern-results/1/email/b61cac1b-fa3a-4629-99fe-c1df24e85114/credits.csv', NULL, 1795788208855147, '0a63e386-f59c-4887-8cd0-74c4b6f32969', 1, 10, 4, NULL, 0, false, NULL, 1795787958988456, 1795787959059415, 1795787960241826, 1795787960580006, NULL);
INSERT INTO public.lantern_batches VALUES (1, 2, 10, 0, 'loaded', 10, 6, 0, '91bbac2d-f572-4525-b01b-416bd69ad326', 's3://lantern-results/1/email/91bbac2d-f572-4525-b01b-416bd69ad326/results.csv', 's3://lantern-results/1/email/91bbac2d-f572-4525-b01b-416bd69ad326/credits.csv', NULL, 1795788209048754, 'c974edd8-3ffb-4976-b39a-b77bae129667', 1, 10, 6, NULL, 0, false, NULL, 1795787959216426, 1795787959328963, 1795787960630078, 1795787960733852, NULL);
INSERT INTO public.lantern_batches VALUES (1, 3, 10, 0, 'loaded', 10, 7, 0, '257c6427-2d4c-41ce-ab39-54085a1276d2', 's3://lantern-results/1/email/257c6427-2d4c-41ce-ab39-54085a1276d2/results.csv', 's3://lantern-results/1/email/257c6427-2d4c-41ce-ab39-54085a1276d2/credits.csv', NULL, 1795788209268858, '436ca02c-0fca-47da-9944-7bd770885efd', 1, 10, 7, NULL, 0, false, NULL, 1795787959434614, 1795787959444951, 1795787960629903, 1795787960754055, NULL);
INSERT INTO public.lantern_batches VALUES (1, 4, 10, 0, 'loaded', 10, 5, 0, 'e5008d9e-2cde-4147-866c-503ea9b3f9c6', 's3://lantern-results/1/email/e5008d9e-2cde-4147-866c-503ea9b3f9c6/results.csv', 's3://lantern-results/1/email/e5008d9e-2cde-4147-866c-503ea9b3f9c6/credits.csv', NULL, 1795788209440544, 'f3269601-a067-4ad7-8794-793c66688bf7', 1, 10, 5, NULL, 0, false, NULL, 1795787959475027, 1795787959535544, 1795787960980459, 1795787961105003, NULL);
INSERT INTO public.lantern_batches VALUES (2, 4, 10, 0, 'planned', 0, NULL, 0, NULL, NULL, NULL, NULL, 0, '9af55a79-80e1-4de3-ae48-8e71966317c9', 0, NULL, NULL, NULL, 0, false, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.lantern_batches VALUES (2, 1, 10, 0, 'loaded', 60, 24, 0, '55a19644-614e-4214-a8bb-70c98eb24d9e', 's3://lantern-results/1/phone-email/55a19644-614e-4214-a8bb-70c98eb24d9e/results.csv', 's3://lantern-results/1/phone-email/55a19644-614e-4214-a8bb-70c98eb24d9e/credits.csv', NULL, 1795788211244919, 'f7ae6170-f492-4d2d-a472-cf8fbb379dfb', 1, 10, 4, 4, 0, false, NULL, 1795787961248603, 1795787961257130, 1795787962304550, 1795787962686867, NULL);
INSERT INTO public.lantern_batches VALUES (2, 2, 10, 0, 'loaded', 36, 16, 0, '3ed6aa96-1d07-444c-8157-890474cb736c', 's3://lantern-results/1/phone-email/3ed6aa96-1d07-444c-8157-890474cb736c/results.csv', 's3://lantern-results/1/phone-email/3ed6aa96-1d07-444c-8157-890474cb736c/credits.csv', NULL, 1795788212687909, '8707857b-3982-40f0-ad81-5b2f167202a9', 1, 10, 6, 2, 0, false, NULL, 1795787962697791, 1795787962709629, 1795787963852385, 1795787963925530, NULL);
INSERT INTO public.lantern_batches VALUES (2, 3, 10, 0, 'loaded', 20, 20, 0, 'f2eef7b2-887e-44b0-b341-5a908131b615', 's3://lantern-results/1/phone-email/f2eef7b2-887e-44b0-b341-5a908131b615/results.csv', 's3://lantern-results/1/phone-email/f2eef7b2-887e-44b0-b341-5a908131b615/credits.csv', NULL, 1795788213926199, '87b92428-470d-4ac9-b7ae-a043e3a95760', 1, 8, 5, 3, 2, false, NULL, 1795787963927482, 1795787963929406, 1795787965024990, 1795787965314568, NULL);
INSERT INTO public.lantern_batches VALUES (3, 1, 10, 0, 'in_doubt', 50, NULL, 0, NULL, NULL, NULL, NULL, 1795788215670282, '1600182f-188e-4442-a192-3b5aa2f3bb9c', 1, NULL, NULL, NULL, 0, false, 'the connection broke (Connection reset by peer (os error 104))', 1795787965677511, NULL, NULL, NULL, NULL);
INSERT INTO public.lantern_batches VALUES (3, 2, 10, 0, 'in_doubt', 50, NULL, 0, NULL, NULL, NULL, NULL, 1795788215680664, '58a7a09d-27bd-4de6-9d48-c96652acbfac', 1, NULL, NULL, NULL, 0, false, 'the connection broke (Connection reset by peer (os error 104))', 1795787965700401, NULL, NULL, NULL, NULL);
INSERT INTO public.lantern_batches VALUES (3, 3, 10, 0, 'loaded', 50, 20, 0, 'ca05cfea-bfd3-4d57-8667-af3b41170f41', 's3://lantern-results/1/phone/ca05cfea-bfd3-4d57-8667-af3b41170f41/results.csv', 's3://lantern-results/1/phone/ca05cfea-bfd3-4d57-8667-af3b41170f41/credits.csv', NULL, 1795788215722519, '8b35f441-4371-4721-8718-5b32a5a10bb6', 1, 10, NULL, 4, 0, false, NULL, 1795787965800431, 1795787965848636, 1795787966925068, 1795787967259680, NULL);
INSERT INTO public.lantern_batches VALUES (3, 4, 10, 0, 'loaded', 50, 10, 0, '24b52946-206e-4a5d-8988-43686b56b02a', 's3://lantern-results/1/phone/24b52946-206e-4a5d-8988-43686b56b02a/results.csv', 's3://lantern-results/1/phone/24b52946-206e-4a5d-8988-43686b56b02a/credits.csv', NULL, 1795788215848377, 'd9dbcfa0-6bb3-4fe2-94cc-49863ce0651f', 1, 10, NULL, 2, 0, false, NULL, 1795787965872751, 1795787965894080, 1795787966925358, 1795787967320816, NULL);
INSERT INTO public.lantern_batches VALUES (4, 1, 10, 0, 'loaded', 50, 20, 0, '66abd1e2-8149-4769-88ea-24221782ba47', 's3://lantern-results/1/phone/66abd1e2-8149-4769-88ea-24221782ba47/results.csv', 's3://lantern-results/1/phone/66abd1e2-8149-4769-88ea-24221782ba47/credits.csv', NULL, 1795788217652854, '213376ee-e627-46a0-a5b4-712ec75aa4bc', 1, 10, NULL, 4, 0, false, NULL, 1795787967707438, 1795787967750056, 1795787968907941, 1795787969242688, NULL);
INSERT INTO public.lantern_batches VALUES (4, 2, 10, 0, 'loaded', 50, 10, 0, 'e867928c-86ad-4f98-a91d-7e5fc31f530f', 's3://lantern-results/1/phone/e867928c-86ad-4f98-a91d-7e5fc31f530f/results.csv', 's3://lantern-results/1/phone/e867928c-86ad-4f98-a91d-7e5fc31f530f/credits.csv', NULL, 1795788217748749, 'dfe5007d-6545-4cc1-9766-89f56bdf73ad', 1, 10, NULL, 2, 0, false, NULL, 1795787967804661, 1795787967836609, 1795787970188440, 1795787970580434, NULL);
INSERT INTO public.lantern_batches VALUES (4, 3, 10, 0, 'loaded', 50, 20, 0, 'eb1b51eb-ae33-4a26-83d8-342892b9fd15', 's3://lantern-results/1/phone/eb1b51eb-ae33-4a26-83d8-342892b9fd15/results.csv', 's3://lantern-results/1/phone/eb1b51eb-ae33-4a26-83d8-342892b9fd15/credits.csv', NULL, 1795788217835085, 'bbd49c40-d0aa-4778-9b19-5a7f20c69186', 1, 10, NULL, 4, 0, false, NULL, 1795787967976438, 1795787968030217, 1795787970128738, 1795787970581862, NULL);
INSERT INTO public.lantern_batches VALUES (4, 4, 10, 0, 'loaded', 50, 10, 0, 'fba4ceb4-df98-4636-a47c-546d953ab90e', 's3://lantern-results/1/phone/fba4ceb4-df98-4636-a47c-546d953ab90e/results.csv', 's3://lantern-results/1/phone/fba4ceb4-df98-4636-a47c-546d953ab90e/credits.csv', NULL, 1795788218030237, '77720d76-3bdb-4839-a2bc-74b930b35881', 1, 10, NULL, 2, 0, false, NULL, 1795787968192218, 1795787968194034, 1795787970160459, 1795787970588952, NULL);
INSERT INTO public.lantern_batches VALUES (5, 2, 10, 0, 'accepted', 100, NULL, 0, 'd7d7ac6c-7ebd-42a4-9942-d6a1b12cf8ab', 's3://lantern-results/1/deep-research/d7d7ac6c-7ebd-42a4-9942-d6a1b12cf8ab/results.csv', 's3://lantern-results/1/deep-research/d7d7ac6c-7ebd-42a4-9942-d6a1b12cf8ab/credits.csv', NULL, 1795788221269004, '882f0331-d3c6-4fd0-8aa3-e3b9cda98c83', 1, NULL, NULL, NULL, 0, false, NULL, 1795787971270165, 1795787971300785, NULL, NULL, NULL);
INSERT INTO public.lantern_batches VALUES (5, 1, 10, 0, 'accepted', 100, NULL, 0, '05c991e0-feb8-4421-9734-ae136d8af22c', 's3://lantern-results/1/deep-research/05c991e0-feb8-4421-9734-ae136d8af22c/results.csv', 's3://lantern-results/1/deep-research/05c991e0-feb8-4421-9734-ae136d8af22c/credits.csv', NULL, 1795788221266906, '5ea48382-70cc-4624-946b-b6fdc73647f9', 1, NULL, NULL, NULL, 0, false, NULL, 1795787971268173, 1795787971300839, NULL, NULL, NULL);
INSERT INTO public.lantern_batches VALUES (5, 3, 10, 0, 'accepted', 100, NULL, 0, '4d8cc20a-951d-4b5f-893e-e97f8f242bc2', 's3://lantern-results/1/deep-research/4d8cc20a-951d-4b5f-893e-e97f8f242bc2/results.csv', 's3://lantern-results/1/deep-research/4d8cc20a-951d-4b5f-893e-e97f8f242bc2/credits.csv', NULL, 1795788221270703, 'ec8783be-c92c-436e-a41a-02c687099673', 1, NULL, NULL, NULL, 0, false, NULL, 1795787971294042, 1795787971302179, NULL, NULL, NULL);
INSERT INTO public.lantern_batches VALUES (5, 4, 10, 0, 'accepted', 100, NULL, 0, 'b12ec9aa-4f04-4324-a88f-489585144a5a', 's3://lantern-results/1/deep-research/b12ec9aa-4f04-4324-a88f-489585144a5a/results.csv', 's3://lantern-results/1/deep-research/b12ec9aa-4f04-4324-a88f-489585144a5a/credits.csv', NULL, 1795788221300861, 'f341b4ab-9b6c-4479-8675-04f5def4a305', 1, NULL, NULL, NULL, 0, false, NULL, 1795787971548846, 1795787971605677, NULL, NULL, NULL);
INSERT INTO public.lantern_jobs OVERRIDING SYSTEM VALUE VALUES (1, 'local', 'loaded', 'email', '{"entity_type":"person"}', '04b6fd539a5144de079d01a839fc4208f43012b256008d37b85ae6ffd648bb7d', 'id', 'Utf8', 40, 40, '\x', 100, 1, 'http://127.0.0.1:44101/', 1795787958600431);
INSERT INTO public.lantern_jobs OVERRIDING SYSTEM VALUE VALUES (2, 'local', 'over budget', 'phone-email', '{"entity_type":"person"}', '64f12c95c51e533c25f7359301402ea58b6b6a8cf943c9a379cb4436ad4600c1', 'id', 'Utf8', 40, 40, '\x', 60, 6, 'http://127.0.0.1:44101/', 1795787961169011);
INSERT INTO public.lantern_jobs OVERRIDING SYSTEM VALUE VALUES (3, 'local', 'in doubt', 'phone', '{"entity_type":"person"}', '5dd4fe59fbc3d1cc010292c6216f7c2d7dd9fb53419a24505e740c5252808766', 'id', 'Utf8', 40, 40, '\x', 400, 5, 'http://127.0.0.1:44101/', 1795787965494567);
INSERT INTO public.lantern_jobs OVERRIDING SYSTEM VALUE VALUES (4, 'local', 'skipped', 'phone', '{"entity_type":"person"}', '5dd4fe59fbc3d1cc010292c6216f7c2d7dd9fb53419a24505e740c5252808766', 'id', 'Utf8', 40, 40, '\x', 400, 5, 'http://127.0.0.1:44101/', 1795787967452394);
INSERT INTO public.lantern_jobs OVERRIDING SYSTEM VALUE VALUES (5, 'local', 'accepted', 'deep-research', '{"agent_type":"general","effort":"medium","entity_type":"person","query_hint":""}', '46b43b1d4a50da7437c206015caf1c9608270ab9fbcc865357a1a2a81ca92c50', 'id', 'Utf8', 40, 40, '\x', 400, 10, 'http://127.0.0.1:44101/', 1795787970881601);
INSERT INTO public.lantern_schema VALUES (1);
SELECT pg_catalog.setval('public.lantern_jobs_id_seq', 5, true);
ALTER TABLE ONLY public.lantern_batch_ids
    ADD CONSTRAINT lantern_batch_ids_pkey PRIMARY KEY (job, number);
ALTER TABLE ONLY public.lantern_batches
    ADD CONSTRAINT lantern_batches_pkey PRIMARY KEY (job, number);
ALTER TABLE ONLY public.lantern_jobs
    ADD CONSTRAINT lantern_jobs_account_key_key UNIQUE (account, key);
ALTER TABLE ONLY public.lantern_jobs
    ADD CONSTRAINT lantern_jobs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.lantern_slots
    ADD CONSTRAINT lantern_slots_pkey PRIMARY KEY (scope, class);
CREATE INDEX lantern_batches_by_state ON public.lantern_batches USING btree (job, state);
ALTER TABLE ONLY public.lantern_batch_ids
    ADD CONSTRAINT lantern_batch_ids_job_number_fkey FOREIGN KEY (job, number) REFERENCES public.lantern_batches(job, number) ON DELETE CASCADE;
ALTER TABLE ONLY public.lantern_batches
    ADD CONSTRAINT lantern_batches_job_fkey FOREIGN KEY (job) REFERENCES public.lantern_jobs(id) ON DELETE CASCADE;
