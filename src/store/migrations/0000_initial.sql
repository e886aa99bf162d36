CREATE TABLE "anchor_pending" (
	"id" integer PRIMARY KEY NOT NULL,
	"account" text NOT NULL,
	"nonce" integer NOT NULL,
	"bids" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "disclosure" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"study" text NOT NULL,
	"pseudonym" text NOT NULL,
	"handle" text NOT NULL,
	"purpose" text NOT NULL,
	"data_class" text NOT NULL,
	"count" integer NOT NULL,
	"leaf" text
);
--> statement-breakpoint
CREATE TABLE "presentation_ended" (
	"id" text PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"study" text NOT NULL,
	"nym" text NOT NULL,
	"handle" text NOT NULL,
	"at" bigint NOT NULL,
	"expires" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "evidence_entry" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"log" text NOT NULL,
	"kind" text NOT NULL,
	"leaf" text NOT NULL,
	"salt" text,
	"position" bigint
);
--> statement-breakpoint
CREATE TABLE "evidence_gap" (
	"institution" text NOT NULL,
	"log" text NOT NULL,
	"term" integer NOT NULL,
	"kept" bigint NOT NULL,
	"ended" bigint NOT NULL,
	"digest" text NOT NULL,
	"signature" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "evidence_gap_institution_log_term_pk" PRIMARY KEY("institution","log","term")
);
--> statement-breakpoint
CREATE TABLE "evidence_head" (
	"log" text NOT NULL,
	"head" text NOT NULL,
	"size" bigint NOT NULL,
	"root" text NOT NULL,
	"salt" text NOT NULL,
	CONSTRAINT "evidence_head_log_head_pk" PRIMARY KEY("log","head")
);
--> statement-breakpoint
CREATE TABLE "evidence_seen" (
	"institution" text NOT NULL,
	"log" text NOT NULL,
	"digest" text NOT NULL,
	"size" bigint NOT NULL,
	"root" text NOT NULL,
	"seen_at" bigint NOT NULL,
	"term" integer NOT NULL,
	"broken_by" text,
	CONSTRAINT "evidence_seen_institution_log_pk" PRIMARY KEY("institution","log")
);
--> statement-breakpoint
CREATE TABLE "evidence_seen_tree" (
	"institution" text NOT NULL,
	"log" text NOT NULL,
	"size" bigint NOT NULL,
	"root" text NOT NULL,
	CONSTRAINT "evidence_seen_tree_institution_log_size_pk" PRIMARY KEY("institution","log","size")
);
--> statement-breakpoint
CREATE TABLE "evidence_tile" (
	"log" text NOT NULL,
	"level" integer NOT NULL,
	"number" bigint NOT NULL,
	"hashes" text NOT NULL,
	CONSTRAINT "evidence_tile_log_level_number_pk" PRIMARY KEY("log","level","number")
);
--> statement-breakpoint
CREATE TABLE "feed_digest" (
	"digest" text PRIMARY KEY NOT NULL,
	"number" bigint NOT NULL,
	"chain_id" bigint NOT NULL,
	"contract" text NOT NULL,
	"slot" integer NOT NULL,
	"round" bigint NOT NULL,
	"feed_head" text NOT NULL,
	"disclosure_head" text NOT NULL,
	"evidence_head" text NOT NULL,
	"pad" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "feed_entry" (
	"institution" text NOT NULL,
	"seq" bigint NOT NULL,
	"w" text NOT NULL,
	"handle" text,
	"head" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "feed_entry_institution_seq_pk" PRIMARY KEY("institution","seq")
);
--> statement-breakpoint
CREATE TABLE "feed_gap_accepted" (
	"institution" text NOT NULL,
	"digest" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "feed_gap_accepted_institution_digest_pk" PRIMARY KEY("institution","digest")
);
--> statement-breakpoint
CREATE TABLE "feed_head" (
	"institution" text NOT NULL,
	"seq" bigint NOT NULL,
	"head" text NOT NULL,
	"account" text NOT NULL,
	"signature" text NOT NULL,
	CONSTRAINT "feed_head_institution_seq_pk" PRIMARY KEY("institution","seq")
);
--> statement-breakpoint
CREATE TABLE "feed_opened" (
	"institution" text NOT NULL,
	"digest" text NOT NULL,
	"round" bigint NOT NULL,
	"preimage" jsonb NOT NULL,
	CONSTRAINT "feed_opened_institution_digest_pk" PRIMARY KEY("institution","digest")
);
--> statement-breakpoint
CREATE TABLE "feed_republished" (
	"institution" text PRIMARY KEY NOT NULL,
	"seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "restore_accepted" (
	"digest" text PRIMARY KEY NOT NULL,
	"anchors" bigint NOT NULL,
	"known" bigint NOT NULL,
	"disclosures" bigint NOT NULL,
	"records" bigint NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "feed_fork" (
	"institution" text NOT NULL,
	"account" text NOT NULL,
	"earlier" jsonb NOT NULL,
	"later" jsonb NOT NULL,
	"instead" text NOT NULL,
	"entries" jsonb NOT NULL,
	"seen_at" bigint NOT NULL,
	"published_at" bigint,
	CONSTRAINT "feed_fork_institution_account_pk" PRIMARY KEY("institution","account")
);
--> statement-breakpoint
CREATE TABLE "withdrawal_held" (
	"handle" text PRIMARY KEY NOT NULL,
	"w" text NOT NULL,
	"origin" text NOT NULL,
	"at" bigint NOT NULL,
	"until" bigint NOT NULL,
	"offer_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "import_job" (
	"id" text PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"received_at" bigint NOT NULL,
	"started_at" bigint,
	"ended_at" bigint,
	"standard" text NOT NULL,
	"name" text NOT NULL,
	"dry_run" boolean NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"state" text NOT NULL,
	"counts" json,
	"failure" text
);
--> statement-breakpoint
CREATE TABLE "import_refusal" (
	"job" text NOT NULL,
	"ordinal" integer NOT NULL,
	"path" text NOT NULL,
	"code" text NOT NULL,
	"detail" text NOT NULL,
	CONSTRAINT "import_refusal_job_ordinal_pk" PRIMARY KEY("job","ordinal")
);
--> statement-breakpoint
CREATE TABLE "operator_revocation" (
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "operator_revocation_kind_name_pk" PRIMARY KEY("kind","name")
);
--> statement-breakpoint
CREATE TABLE "operator_use" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"key" text NOT NULL,
	"jti" text NOT NULL,
	"operation" text NOT NULL,
	"request_id" text NOT NULL,
	"about" text,
	"outcome" text NOT NULL,
	"leaf" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "gate_change" (
	"id" bigserial PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "presentation" (
	"id" text PRIMARY KEY NOT NULL,
	"statement" text NOT NULL,
	"holder" text NOT NULL,
	"study" text,
	"nym" text NOT NULL,
	"handle" text NOT NULL,
	"purpose" text,
	"data_classes" jsonb NOT NULL,
	"labels" jsonb NOT NULL,
	"duties" jsonb NOT NULL,
	"window_from" bigint NOT NULL,
	"window_until" bigint NOT NULL,
	"role" text,
	"party" text NOT NULL,
	"root" text NOT NULL,
	"epoch" bigint NOT NULL,
	"key_hash" text NOT NULL,
	"as_of" bigint NOT NULL,
	"expires" bigint NOT NULL,
	"presented_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "consent" (
	"index" integer PRIMARY KEY NOT NULL,
	"leaf" text NOT NULL,
	"study_id" text NOT NULL,
	"pseudonym" text NOT NULL,
	"requester" text NOT NULL,
	"study" text NOT NULL,
	"institution" text NOT NULL,
	"scope" text NOT NULL,
	"duties" text NOT NULL,
	"valid_from" bigint NOT NULL,
	"valid_until" bigint NOT NULL,
	"window_from" bigint NOT NULL,
	"window_until" bigint NOT NULL,
	"policy" text NOT NULL,
	"serial" bigint NOT NULL,
	"handle" text NOT NULL,
	"salt" text NOT NULL,
	"key_x" text NOT NULL,
	"key_y" text NOT NULL,
	"signature_r8x" text NOT NULL,
	"signature_r8y" text NOT NULL,
	"signature_s" text NOT NULL,
	"registered_at" bigint NOT NULL,
	"withdrawn_at" bigint,
	"tombstone" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "erased_mark" (
	"mark" text PRIMARY KEY NOT NULL,
	"serial" bigint NOT NULL,
	"leaves" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ledger_mark" (
	"id" integer PRIMARY KEY NOT NULL,
	"epoch" bigint NOT NULL,
	"root" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "register_leaf" (
	"index" integer PRIMARY KEY NOT NULL,
	"leaf" "bytea" NOT NULL,
	"kind" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "register_overwrite" (
	"index" integer PRIMARY KEY NOT NULL,
	"leaf" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "register_page" (
	"tier" smallint NOT NULL,
	"number" integer NOT NULL,
	"nodes" "bytea" NOT NULL,
	CONSTRAINT "register_page_tier_number_pk" PRIMARY KEY("tier","number")
);
--> statement-breakpoint
CREATE TABLE "register_shard" (
	"id" integer PRIMARY KEY NOT NULL,
	"leaves" integer NOT NULL,
	"pad" "bytea" NOT NULL,
	"shard_root" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tombstone_pending" (
	"tombstone" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "link_code" (
	"code_id" text PRIMARY KEY NOT NULL,
	"salt" text NOT NULL,
	"patient_id" text NOT NULL,
	"study" text NOT NULL,
	"expires_at" bigint NOT NULL,
	"wrong_signatures" integer DEFAULT 0 NOT NULL,
	"pseudonym" text,
	"key_x" text,
	"key_y" text,
	"answered_at" bigint,
	"confirmed_at" bigint,
	"proxy" text,
	"proxy_until" bigint
);
--> statement-breakpoint
CREATE TABLE "past_subject" (
	"study" text NOT NULL,
	"pseudonym" text NOT NULL,
	"patient_id" text NOT NULL,
	"linked_at" bigint NOT NULL,
	"ended_at" bigint NOT NULL,
	"proxy" text,
	"proxy_until" bigint,
	CONSTRAINT "past_subject_study_pseudonym_pk" PRIMARY KEY("study","pseudonym")
);
--> statement-breakpoint
CREATE TABLE "research_subject" (
	"study" text NOT NULL,
	"pseudonym" text NOT NULL,
	"patient_id" text NOT NULL,
	"linked_at" bigint NOT NULL,
	"proxy" text,
	"proxy_until" bigint,
	CONSTRAINT "research_subject_study_pseudonym_pk" PRIMARY KEY("study","pseudonym")
);
--> statement-breakpoint
CREATE TABLE "study" (
	"id" text PRIMARY KEY NOT NULL,
	"sponsor" text NOT NULL,
	"field" text NOT NULL,
	"title" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "wallet_backup" (
	"study" text NOT NULL,
	"pseudonym" text NOT NULL,
	"sequence" integer NOT NULL,
	"backup" text NOT NULL,
	"kept_at" bigint NOT NULL,
	CONSTRAINT "wallet_backup_study_pseudonym_pk" PRIMARY KEY("study","pseudonym")
);
--> statement-breakpoint
CREATE TABLE "resource_identifier" (
	"server" text NOT NULL,
	"type" text NOT NULL,
	"id" text NOT NULL,
	"system" text NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "resource_identifier_type_id_server_system_value_pk" PRIMARY KEY("type","id","server","system","value")
);
--> statement-breakpoint
CREATE TABLE "long_id" (
	"server" text NOT NULL,
	"type" text NOT NULL,
	"long_id" text NOT NULL,
	"id" text NOT NULL,
	CONSTRAINT "long_id_server_type_long_id_pk" PRIMARY KEY("server","type","long_id")
);
--> statement-breakpoint
CREATE TABLE "merged_patient" (
	"id" text PRIMARY KEY NOT NULL,
	"survivor" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "patient_key" (
	"server" text NOT NULL,
	"id" text NOT NULL,
	"key" text NOT NULL,
	CONSTRAINT "patient_key_server_id_pk" PRIMARY KEY("server","id")
);
--> statement-breakpoint
CREATE TABLE "patient_merge" (
	"said_by" text NOT NULL,
	"replaced" text NOT NULL,
	"survivor" text NOT NULL,
	CONSTRAINT "patient_merge_said_by_replaced_survivor_pk" PRIMARY KEY("said_by","replaced","survivor")
);
--> statement-breakpoint
CREATE TABLE "import_progress" (
	"identity" text PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"lines" bigint NOT NULL,
	"bytes" bigint NOT NULL,
	"waiting_line" bigint NOT NULL,
	"waiting_byte" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "resource_link" (
	"server" text NOT NULL,
	"type" text NOT NULL,
	"id" text NOT NULL,
	"held_server" text NOT NULL,
	"held_type" text NOT NULL,
	"held_id" text NOT NULL,
	"covers" boolean NOT NULL,
	CONSTRAINT "resource_link_type_id_server_held_type_held_id_held_server_pk" PRIMARY KEY("type","id","server","held_type","held_id","held_server")
);
--> statement-breakpoint
CREATE TABLE "clinical_record" (
	"server" text NOT NULL,
	"type" text NOT NULL,
	"id" text NOT NULL,
	"patient_id" text NOT NULL,
	"at_seconds" bigint NOT NULL,
	"from_seconds" bigint NOT NULL,
	"until_seconds" bigint NOT NULL,
	"year_at_seconds" bigint NOT NULL,
	"year_from_seconds" bigint NOT NULL,
	"year_until_seconds" bigint NOT NULL,
	"labels" bigint NOT NULL,
	"codes" text[] NOT NULL,
	"categories" text[] NOT NULL,
	"measured" jsonb NOT NULL,
	"content" json NOT NULL,
	CONSTRAINT "clinical_record_type_id_server_pk" PRIMARY KEY("type","id","server")
);
--> statement-breakpoint
CREATE TABLE "code_display" (
	"code" text NOT NULL,
	"display" text NOT NULL,
	"patient_id" text NOT NULL,
	CONSTRAINT "code_display_code_display_patient_id_pk" PRIMARY KEY("code","display","patient_id")
);
--> statement-breakpoint
CREATE TABLE "code_word" (
	"code" text PRIMARY KEY NOT NULL,
	"display" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "patient" (
	"id" text PRIMARY KEY NOT NULL,
	"sex" text,
	"birth_year" integer,
	"labels" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "resource" (
	"server" text NOT NULL,
	"type" text NOT NULL,
	"id" text NOT NULL,
	"patient_id" text,
	"source" text NOT NULL,
	"hash" text NOT NULL,
	"version_id" text,
	"updated" text,
	"deleted" boolean NOT NULL,
	"labels" bigint DEFAULT 0 NOT NULL,
	"json" json NOT NULL,
	CONSTRAINT "resource_type_id_server_pk" PRIMARY KEY("type","id","server")
);
--> statement-breakpoint
CREATE TABLE "imported_file" (
	"standard" text NOT NULL,
	"folder" text NOT NULL,
	"name" text NOT NULL,
	"identity" text NOT NULL,
	"at" bigint NOT NULL,
	"waits" boolean NOT NULL,
	"tries" integer NOT NULL,
	CONSTRAINT "imported_file_standard_folder_name_pk" PRIMARY KEY("standard","folder","name")
);
--> statement-breakpoint
CREATE TABLE "process_lease" (
	"only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"holder" text NOT NULL,
	"until" timestamp with time zone NOT NULL,
	CONSTRAINT "process_lease_one_row" CHECK ("process_lease"."only")
);
--> statement-breakpoint
CREATE TABLE "event" (
	"event_id" text PRIMARY KEY NOT NULL,
	"content_hash" text NOT NULL,
	"type" text NOT NULL,
	"action" text,
	"biz_step" text,
	"disposition" text,
	"event_time_ms" bigint NOT NULL,
	"read_point" text,
	"biz_location" text,
	"declared_in_error_ms" bigint,
	"recalls" boolean NOT NULL,
	"raw" jsonb NOT NULL,
	"leaf" text
);
--> statement-breakpoint
CREATE TABLE "event_epc" (
	"event_id" text NOT NULL,
	"epc" text NOT NULL,
	"part" text NOT NULL,
	CONSTRAINT "event_epc_event_id_epc_part_pk" PRIMARY KEY("event_id","epc","part")
);
--> statement-breakpoint
CREATE TABLE "event_party" (
	"event_id" text NOT NULL,
	"party" text NOT NULL,
	CONSTRAINT "event_party_event_id_party_pk" PRIMARY KEY("event_id","party")
);
--> statement-breakpoint
CREATE TABLE "lot" (
	"gtin" text NOT NULL,
	"lot" text NOT NULL,
	"expiry" date,
	CONSTRAINT "lot_gtin_lot_pk" PRIMARY KEY("gtin","lot")
);
--> statement-breakpoint
CREATE TABLE "pack" (
	"gtin" text NOT NULL,
	"serial" text NOT NULL,
	"lot" text NOT NULL,
	"expiry" date NOT NULL,
	"event_id" text NOT NULL,
	CONSTRAINT "pack_gtin_serial_pk" PRIMARY KEY("gtin","serial")
);
--> statement-breakpoint
CREATE TABLE "product" (
	"gtin" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"labeler" text,
	"dosage_form" text,
	"strength" text
);
--> statement-breakpoint
CREATE TABLE "site" (
	"trial_id" text NOT NULL,
	"ordinal" integer NOT NULL,
	"facility" text,
	"city" text,
	"country" text,
	"institution" text,
	CONSTRAINT "site_trial_id_ordinal_pk" PRIMARY KEY("trial_id","ordinal")
);
--> statement-breakpoint
CREATE TABLE "trial" (
	"id" text PRIMARY KEY NOT NULL,
	"content_hash" text NOT NULL,
	"updated" text,
	"status" text NOT NULL,
	"phases" text[] NOT NULL,
	"searched" text NOT NULL,
	"record" jsonb NOT NULL,
	"leaf" text
);
--> statement-breakpoint
CREATE INDEX "disclosure_study_pseudonym_at_idx" ON "disclosure" USING btree ("study","pseudonym","at","id");--> statement-breakpoint
CREATE INDEX "presentation_ended_holder_idx" ON "presentation_ended" USING btree ("holder");--> statement-breakpoint
CREATE INDEX "presentation_ended_expires_idx" ON "presentation_ended" USING btree ("expires");--> statement-breakpoint
CREATE UNIQUE INDEX "evidence_entry_leaf_idx" ON "evidence_entry" USING btree ("leaf");--> statement-breakpoint
CREATE INDEX "evidence_entry_unsealed_idx" ON "evidence_entry" USING btree ("log","id") WHERE position IS NULL;--> statement-breakpoint
CREATE INDEX "evidence_head_log_size_idx" ON "evidence_head" USING btree ("log","size");--> statement-breakpoint
CREATE UNIQUE INDEX "feed_digest_number_idx" ON "feed_digest" USING btree ("number");--> statement-breakpoint
CREATE INDEX "feed_entry_institution_w_idx" ON "feed_entry" USING btree ("institution","w");--> statement-breakpoint
CREATE INDEX "feed_entry_institution_head_idx" ON "feed_entry" USING btree ("institution","head");--> statement-breakpoint
CREATE INDEX "feed_entry_handle_idx" ON "feed_entry" USING btree ("handle");--> statement-breakpoint
CREATE INDEX "withdrawal_held_origin_at_idx" ON "withdrawal_held" USING btree ("origin","at");--> statement-breakpoint
CREATE INDEX "withdrawal_held_until_idx" ON "withdrawal_held" USING btree ("until");--> statement-breakpoint
CREATE INDEX "withdrawal_held_offer_at_idx" ON "withdrawal_held" USING btree ("origin","offer_at");--> statement-breakpoint
CREATE INDEX "import_job_received_at_idx" ON "import_job" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "operator_use_key_id_idx" ON "operator_use" USING btree ("key","id");--> statement-breakpoint
CREATE INDEX "presentation_holder_idx" ON "presentation" USING btree ("holder");--> statement-breakpoint
CREATE INDEX "presentation_expires_idx" ON "presentation" USING btree ("expires");--> statement-breakpoint
CREATE UNIQUE INDEX "consent_pseudonym_handle_idx" ON "consent" USING btree ("pseudonym","handle");--> statement-breakpoint
CREATE UNIQUE INDEX "consent_pseudonym_requester_serial_idx" ON "consent" USING btree ("pseudonym","requester","serial");--> statement-breakpoint
CREATE INDEX "consent_handle_idx" ON "consent" USING btree ("handle");--> statement-breakpoint
CREATE UNIQUE INDEX "consent_tombstone_idx" ON "consent" USING btree ("tombstone");--> statement-breakpoint
CREATE INDEX "link_code_pseudonym_idx" ON "link_code" USING btree ("pseudonym");--> statement-breakpoint
CREATE UNIQUE INDEX "research_subject_study_patient_id_idx" ON "research_subject" USING btree ("study","patient_id");--> statement-breakpoint
CREATE UNIQUE INDEX "study_field_idx" ON "study" USING btree ("field");--> statement-breakpoint
CREATE INDEX "resource_identifier_value_idx" ON "resource_identifier" USING btree ("value","type");--> statement-breakpoint
CREATE UNIQUE INDEX "long_id_id_idx" ON "long_id" USING btree ("id");--> statement-breakpoint
CREATE INDEX "merged_patient_survivor_idx" ON "merged_patient" USING btree ("survivor");--> statement-breakpoint
CREATE UNIQUE INDEX "patient_key_key_idx" ON "patient_key" USING btree ("key");--> statement-breakpoint
CREATE INDEX "patient_merge_replaced_idx" ON "patient_merge" USING btree ("replaced");--> statement-breakpoint
CREATE INDEX "patient_merge_survivor_idx" ON "patient_merge" USING btree ("survivor");--> statement-breakpoint
CREATE INDEX "resource_link_held_idx" ON "resource_link" USING btree ("held_type","held_id","held_server");--> statement-breakpoint
CREATE INDEX "clinical_record_patient_id_idx" ON "clinical_record" USING btree ("patient_id","type","at_seconds");--> statement-breakpoint
CREATE INDEX "event_event_time_ms_idx" ON "event" USING btree ("event_time_ms");--> statement-breakpoint
CREATE INDEX "event_epc_epc_part_idx" ON "event_epc" USING btree ("epc","part");--> statement-breakpoint
CREATE INDEX "pack_gtin_lot_idx" ON "pack" USING btree ("gtin","lot");--> statement-breakpoint
CREATE INDEX "site_institution_idx" ON "site" USING btree ("institution");--> statement-breakpoint
CREATE INDEX "trial_status_idx" ON "trial" USING btree ("status");
--> statement-breakpoint
-- Every change of what the gate decides by is noted in the same transaction. What a node caches of
-- it is valid until gate_change has a newer row (src/consent/gate/live-presentations.ts).
CREATE FUNCTION note_gate_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('INSERT INTO %I.gate_change DEFAULT VALUES', TG_TABLE_SCHEMA);
  -- Every request counts the table, so it stays short. What another transaction holds is left to it.
  EXECUTE format('DELETE FROM %1$I.gate_change WHERE id IN (SELECT id FROM %1$I.gate_change
    ORDER BY id DESC OFFSET 200 FOR UPDATE SKIP LOCKED)', TG_TABLE_SCHEMA);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER presentation_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON presentation
  FOR EACH STATEMENT EXECUTE FUNCTION note_gate_change();
--> statement-breakpoint
CREATE TRIGGER feed_entry_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON feed_entry
  FOR EACH STATEMENT EXECUTE FUNCTION note_gate_change();
--> statement-breakpoint
-- A wallet's backup is kept for those who are linked here, however a link ends.
CREATE FUNCTION forget_wallet_backup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('DELETE FROM %I.wallet_backup WHERE study = $1 AND pseudonym = $2', TG_TABLE_SCHEMA)
    USING OLD.study, OLD.pseudonym;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER research_subject_ended AFTER DELETE ON research_subject
  FOR EACH ROW EXECUTE FUNCTION forget_wallet_backup();
--> statement-breakpoint
CREATE TRIGGER withdrawal_held_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON withdrawal_held
  FOR EACH STATEMENT EXECUTE FUNCTION note_gate_change();
