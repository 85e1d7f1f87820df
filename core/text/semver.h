/* Versions and ranges of versions as semver 2.0 and npm understand them.
 *
 * A version is MAJOR.MINOR.PATCH with an optional pre-release part ("1.2.0-rc.1"); build data ("+...") is
 * read and has no say in comparing. A range is one or more sets joined by "||"; a set is comparators side by
 * side, all of which must hold: "^1.2", "~1.2.3", ">=1.0 <2", "1.x", "*". A pre-release satisfies only a set
 * that names a pre-release of the very same MAJOR.MINOR.PATCH. */
#ifndef FC_TEXT_SEMVER_H
#define FC_TEXT_SEMVER_H
#include "base/err.h"
#include <stdint.h>

#define FC_SEMVER_PRE 64

typedef struct fc_semver {
    int64_t major, minor, patch;
    char pre[FC_SEMVER_PRE]; /* "" for a release */
} fc_semver;

int fc_semver_parse(const char *text, fc_semver *out, fc_err *err);
int fc_semver_compare(const fc_semver *a, const fc_semver *b); /* <0, 0, >0 */
/* FC_EINVAL with what is wrong with the range. */
int fc_semver_range(const char *range, fc_err *err);
/* 1 if it does; 0 if it does not or the range is none. */
int fc_semver_satisfies(const fc_semver *v, const char *range);
#endif
