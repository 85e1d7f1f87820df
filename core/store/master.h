/* The master key of a site: 32 random bytes that open the dealerships' own keys, and nothing else.
 *
 * It comes from one of three places, looked at in this order: the file secrets/master.key (mode 0600 or
 * 0400), the systemd credential forecourt.master-key, the variable FORECOURT_MASTER_KEY. Each holds 64
 * hexadecimal digits. Two places that say different things are refused: nobody could tell which one is meant.
 * It is held in locked memory and only for as long as the dealerships' keys are being opened; what came in
 * the variable stays there, because it cannot be asked for again. */
#ifndef FC_STORE_MASTER_H
#define FC_STORE_MASTER_H
#include "base/err.h"
#include "store/locked.h"

enum fc_master_source { FC_MASTER_FILE, FC_MASTER_CREDENTIAL, FC_MASTER_ENV };
#define FC_PRINT_CAP 17 /* fingerprint: 16 hex digits + NUL */

typedef struct fc_master { /* in locked memory */
    unsigned char key[FC_KEY_BYTES];
    char print[FC_PRINT_CAP]; /* names the key without telling it */
    enum fc_master_source source;
    char place[4096]; /* path of the file or name of the variable */
} fc_master;

/* Takes FORECOURT_MASTER_KEY out of this process's environment, so that neither a child nor whoever reads
 * /proc/PID/environ finds it there. First thing in main; reading does it, too. */
void fc_master_take_env(void);
/* For a child that needs the master key itself (a backup): what the variable held, in a pipe whose end *fd is
 * the caller's to close; -1: there was no variable, the child finds the key by itself. The child takes it
 * before it reads. */
int fc_master_hand(int *fd, fc_err *err);
void fc_master_take_fd(int fd);
/* In a worker that was forked: what was taken is locked in memory here, too. */
void fc_master_relock_env(void);
/* secrets: the folder. create: where there is no key anywhere, the file is made. */
int fc_master_read(const char *secrets, int create, fc_master **out, fc_err *err);
/* From this very file, which must be there. */
int fc_master_read_file(const char *path, fc_master **out, fc_err *err);
/* Makes the file with a new random key, mode 0600. Of two processes that both do, one wins; both get FC_OK.
 */
int fc_master_make(const char *path, fc_err *err);
/* A key that is nowhere: for stores in memory. */
fc_master *fc_master_random(void);
/* The fingerprint of a key: also what a backup says of the key it was made with. */
void fc_master_print(const unsigned char key[FC_KEY_BYTES], char print[FC_PRINT_CAP]);
void fc_master_free(fc_master *m); /* wipes; NULL is allowed */
#endif
