/* The verbs of the command line, one file each. A verb gets its own arguments (argv[0] is the verb) and
 * returns the exit code: 0 done, 1 failed, 2 wrong use. */
#ifndef FC_VERBS_VERBS_H
#define FC_VERBS_VERBS_H
#include "base/err.h"

int fc_verb_main(int argc, char **argv);

int fc_verb_init(int argc, char **argv);
int fc_verb_new(int argc, char **argv);
int fc_verb_serve(int argc, char **argv);
int fc_verb_check(int argc, char **argv);
int fc_verb_test(int argc, char **argv);
int fc_verb_doc(int argc, char **argv);
int fc_verb_eval(int argc, char **argv);
int fc_verb_repl(int argc, char **argv);
int fc_verb_tail(int argc, char **argv);
int fc_verb_run(int argc, char **argv);
int fc_verb_report(int argc, char **argv);
int fc_verb_user(int argc, char **argv);
int fc_verb_plugin(int argc, char **argv);
int fc_verb_pack(int argc, char **argv);
int fc_verb_key(int argc, char **argv);
int fc_verb_migrate(int argc, char **argv);
int fc_verb_backup(int argc, char **argv);
int fc_verb_restore(int argc, char **argv);
int fc_verb_doctor(int argc, char **argv);
#endif
