/* What lies in a folder. */
#ifndef FC_BASE_FOLDER_H
#define FC_BASE_FOLDER_H
#include <stddef.h>

/* Names of a folder that end so (".keys.db"), sorted, without hidden ones. */
typedef struct fc_names {
    char **names; /* owned */
    size_t n;
} fc_names;

/* errno where the folder cannot be read, else 0. */
int fc_names_read(const char *dir, const char *ending, fc_names *out);
void fc_names_free(fc_names *n);
#endif
