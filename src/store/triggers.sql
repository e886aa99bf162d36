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
