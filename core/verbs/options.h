/* Options of verbs: "--name VALUE", "--name=VALUE", flags. Every verb declares its options once; from that
 * come parsing, the sentence for wrong use, and --help. */
#ifndef FC_VERBS_OPTIONS_H
#define FC_VERBS_OPTIONS_H
#include "base/err.h"
#include "lua/vm.h"

typedef struct fc_option {
    const char *name;    /* "site" */
    const char *value;   /* "DIR", or NULL for a flag */
    const char *zh, *en; /* NULL: for the host itself, not shown */
    const char **text;   /* where the value goes; for a flag "1" */
} fc_option;

typedef struct fc_usage {
    const char *verb;         /* "serve" */
    const char *arguments;    /* "[PLUGIN ...]" or "" */
    const char *zh, *en;      /* what it does */
    const fc_option *options; /* ends with a NULL name */
    int open;                 /* unknown --name VALUE pairs are left in place (a script's own parameters) */
} fc_usage;

/* Returns -1 to go on, else the exit code (0 after --help, 2 after wrong use). *argc/argv keep what is no
 * option. */
int fc_options(const fc_usage *u, int *argc, char **argv);
void fc_help(const fc_usage *u);
int fc_wrong_use(const fc_usage *u, const char *zh, const char *en, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));
/* Prints the sentence of err to stderr; returns 1. */
int fc_failed(const fc_err *err);
int fc_failed_fault(const fc_fault *f);
#endif
