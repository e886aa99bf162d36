CREATE TABLE "erased_mark" (
	"mark" text PRIMARY KEY NOT NULL,
	"serial" bigint NOT NULL,
	"leaves" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "register_overwrite" (
	"index" integer PRIMARY KEY NOT NULL,
	"leaf" bytea NOT NULL
);
--> statement-breakpoint
CREATE TABLE "register_page" (
	"tier" smallint NOT NULL,
	"number" integer NOT NULL,
	"nodes" bytea NOT NULL,
	CONSTRAINT "register_page_tier_number_pk" PRIMARY KEY("tier","number")
);
--> statement-breakpoint
CREATE TABLE "register_shard" (
	"id" integer PRIMARY KEY NOT NULL,
	"leaves" integer NOT NULL,
	"pad" bytea NOT NULL,
	"shard_root" bytea NOT NULL
);
--> statement-breakpoint
DROP INDEX "register_leaf_pending_idx";--> statement-breakpoint
ALTER TABLE "register_leaf" ADD COLUMN "leaf_bytes" bytea;--> statement-breakpoint
UPDATE "register_leaf" SET "leaf_bytes" = (
	SELECT decode(string_agg(lpad(to_hex(mod(div("leaf"::numeric, power(4294967296::numeric, 7 - i)), 4294967296)::bigint), 8, '0'), '' ORDER BY i), 'hex')
	FROM generate_series(0, 7) AS i);--> statement-breakpoint
ALTER TABLE "register_leaf" DROP COLUMN "leaf";--> statement-breakpoint
ALTER TABLE "register_leaf" RENAME COLUMN "leaf_bytes" TO "leaf";--> statement-breakpoint
ALTER TABLE "register_leaf" ALTER COLUMN "leaf" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "register_leaf" DROP COLUMN "pending";--> statement-breakpoint
DROP TABLE "register_node" CASCADE;
