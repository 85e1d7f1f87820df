/* The audit log as a chain. Rows are written plain, in the transaction that causes them; one job numbers
 * them, gives each the hash of (hash before, number, row) and signs the last hash of the batch (Ed25519).
 * The signed head stands in the site's store, too, so that a log whose end was cut off is seen.
 *
 * What is seen: a chained row that was changed, deleted, put in between, renumbered; an end that was cut; a
 * plain row dated before what had been signed already; a signature by a key that the site does not know.
 * What is not: what is changed within the second before it is chained; whoever has secrets/ can sign.
 *
 * A kill at any point leaves a chain that is right: numbers, hashes and signature of a batch commit together;
 * the head follows, and may be older than the log but never newer. */
#ifndef FC_STORE_AUDIT_CHAIN_H
#define FC_STORE_AUDIT_CHAIN_H
#include "store/key_file.h"
#include "store/store.h"

#define FC_AUDIT_BATCH 200

typedef struct fc_audit_signer fc_audit_signer;

/* Reads key_path (made if it is not there), records its public half in the site's store, and locks it:
 * FC_ECONFLICT while another process signs. */
int fc_audit_open(const char *key_path, fc_store *site, fc_audit_signer **out, fc_err *err);
void fc_audit_close(fc_audit_signer *s);
/* One batch (at most FC_AUDIT_BATCH rows); *rows = how many were chained. FC_EBUSY: somebody else
 * writes, try again. Also brings a head that stayed behind forward.
 */
int fc_audit_chain(fc_audit_signer *s, const char *dealership, fc_store *store, fc_store *site, int *rows,
                   fc_err *err);

/* The same where the stores are served: done is called once, on the loop, when both commits have returned.
 * fc_audit_waiting: is there anything to chain? */
void fc_audit_queue(fc_audit_signer *s, const char *dealership, fc_store *store, fc_store *site,
                    void (*done)(void *ctx, int rows, const fc_err *err), void *ctx);
int fc_audit_waiting(fc_store *store);

typedef struct fc_audit_report {
    int64_t rows, waiting; /* chained; not yet */
    int keys;
    int64_t key_at; /* when the newest key was made */
    int broken;
    int64_t seq, row; /* the first broken link; row 0 where there is none any more */
    fc_err what;      /* it as a sentence */
} fc_audit_report;

/* Walks the whole chain; FC_OK also when it is broken. */
int fc_audit_check(const char *dealership, fc_store *store, fc_store *site, fc_audit_report *r, fc_err *err);

/* ---- what signing and checking share */
#define FC_AUDIT_HASH 32
#define FC_AUDIT_SIGNATURE 64
#define FC_AUDIT_COLUMNS "id, at, actor, what, subject, detail"
/* hash = H(before, seq, columns first .. first + 5 of the cursor) */
void fc_audit_hash(const unsigned char before[FC_AUDIT_HASH], int64_t seq, const fc_cursor *c, int first,
                   unsigned char hash[FC_AUDIT_HASH]);
void fc_audit_genesis(const char *dealership, unsigned char hash[FC_AUDIT_HASH]);
/* What is signed; returns its length. */
size_t fc_audit_statement(const char *dealership, int64_t seq, int64_t at, int64_t more,
                          const unsigned char hash[FC_AUDIT_HASH], unsigned char out[512]);
#endif
