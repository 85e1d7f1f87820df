/* The parts of the verb `pack`, one function a sub-verb; each gets its own arguments (argv[0] is the
 * sub-verb). */
#ifndef FC_VERBS_PACK_H
#define FC_VERBS_PACK_H
#include "pack/minisign.h"
#include "plugin/pack_install.h"
#include "verbs/options.h"

/* pack_publish.c: for who makes packs */
int fc_pack_verb_key(int argc, char **argv);
int fc_pack_verb_build(int argc, char **argv);
int fc_pack_verb_sign(int argc, char **argv);
int fc_pack_verb_index(int argc, char **argv);
/* pack_look.c */
int fc_pack_verb_verify(int argc, char **argv);
int fc_pack_verb_list(int argc, char **argv);
int fc_pack_verb_mirror(int argc, char **argv);
/* pack_trust.c */
int fc_pack_verb_trust(int argc, char **argv);
int fc_pack_verb_untrust(int argc, char **argv);
/* pack_site.c */
int fc_pack_verb_install(int argc, char **argv);
int fc_pack_verb_accept(int argc, char **argv);
int fc_pack_verb_remove(int argc, char **argv);

/* pack_trust.c: a public key: a .pub file, or the line itself. */
int fc_pack_public(const char *word, fc_sign_public *out, fc_err *err);
#endif
