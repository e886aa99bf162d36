CREATE TABLE "anchor_pending" (
	"id" integer PRIMARY KEY NOT NULL,
	"account" text NOT NULL,
	"nonce" integer NOT NULL,
	"bids" jsonb NOT NULL
);
