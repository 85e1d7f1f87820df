/* Where in HTML a template tag stands: follows the literal text of a template byte by byte.
 *
 * Escaping alone is safe in only two places, text and quoted attribute values; everywhere else (script,
 * style, event attributes, unquoted values, names, comments) no escaping helps. So the compiler must know the
 * place of every tag, and nothing else about the page: this is the small part of an HTML tokenizer that
 * decides it. */
#ifndef FC_TEXT_HTML_PLACE_H
#define FC_TEXT_HTML_PLACE_H
#include "base/err.h"
#include <stddef.h>

enum fc_html_state {
    FC_HTML_TEXT,
    FC_HTML_RCDATA,   /* in textarea, title: text without elements */
    FC_HTML_RAW,      /* in script, style and the like */
    FC_HTML_LESS,     /* just after < */
    FC_HTML_END_LESS, /* just after </ */
    FC_HTML_BANG,     /* just after <! or <!- */
    FC_HTML_DECLARATION,
    FC_HTML_COMMENT,
    FC_HTML_TAG_NAME, /* of a start or end tag */
    FC_HTML_BEFORE_ATTR,
    FC_HTML_ATTR_NAME,
    FC_HTML_AFTER_NAME,
    FC_HTML_BEFORE_VALUE, /* after = */
    FC_HTML_UNQUOTED,
    FC_HTML_DOUBLE, /* in a quoted value */
    FC_HTML_SINGLE,
};

enum fc_html_attr { FC_ATTR_PLAIN, FC_ATTR_URL, FC_ATTR_CODE, FC_ATTR_UNKNOWN };

enum fc_html_problem {
    FC_HTML_FINE,
    FC_HTML_IN_SCRIPT,
    FC_HTML_IN_CODE,
    FC_HTML_IN_UNQUOTED,
    FC_HTML_IN_NAME,
    FC_HTML_IN_COMMENT,
    FC_HTML_IN_UNKNOWN,
    FC_HTML_BAD_SCHEME,
    FC_HTML_GLUED,
    FC_HTML_STRAY_EQUALS,
    FC_HTML_UNEVEN,
};

typedef struct fc_html_place {
    enum fc_html_state state;
    enum fc_html_attr attr; /* of the value being read, or UNKNOWN where a section made the name uncertain */
    int is_end_tag;
    int glued;                              /* a section ended here: only a blank, / or > may follow */
    int scheme_open;                        /* in a URL: what comes next could still become its scheme */
    int had_value;                          /* in a URL with open scheme: a value was printed already */
    size_t matched;                         /* of "</element", of dashes in a comment */
    char element[16], name[24], scheme[16]; /* lower case, cut */
} fc_html_place;

/* Follows literal text. A problem stands at byte *at. */
enum fc_html_problem fc_html_follow(fc_html_place *p, const char *text, size_t n, size_t *at);
/* May a value be printed here? */
enum fc_html_problem fc_html_may_print(const fc_html_place *p);
/* A value was printed here. */
void fc_html_printed(fc_html_place *p);
/* A section began at *a and ends at *b; *a becomes the place behind it, however often it is shown. `settled`:
 * nothing was printed inside, or the section begins with a blank. */
enum fc_html_problem fc_html_join(fc_html_place *a, const fc_html_place *b, int settled);
/* The sentence for a problem. */
const char *fc_html_sentence(enum fc_html_problem problem, enum fc_lang lang);
#endif
