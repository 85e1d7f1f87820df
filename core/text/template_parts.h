/* What the two halves of the template engine share: a template is a flat list of nodes over a copy of its
 * text. Private to template_*.c. */
#ifndef FC_TEXT_TEMPLATE_PARTS_H
#define FC_TEXT_TEMPLATE_PARTS_H
#include "text/template.h"
#include <stdint.h>

#define FC_TEMPLATE_NESTING 64

enum fc_node_kind {
    FC_NODE_TEXT,
    FC_NODE_VALUE,
    FC_NODE_JSON,
    FC_NODE_LOCALE,
    FC_NODE_SECTION,
    FC_NODE_INVERTED,
    FC_NODE_PART,
    FC_NODE_BODY,
};

typedef struct fc_slice {
    const char *s; /* into the template's text */
    uint32_t n;
} fc_slice;

enum fc_path_kind { FC_PATH_NAME, FC_PATH_DOT, FC_PATH_INDEX, FC_PATH_FIRST, FC_PATH_LAST };

typedef struct fc_path {
    enum fc_path_kind kind;
    uint32_t first, count; /* into segments */
    fc_slice text;         /* as written, for errors */
} fc_path;

typedef struct fc_node {
    enum fc_node_kind kind;
    unsigned optional : 1, url : 1;
    int line;
    uint32_t end;               /* sections: the node behind the last one inside */
    uint32_t first_arg, n_args; /* locale */
    fc_slice text;              /* literal, part name or locale key; NUL-terminated where it is a name */
    fc_path path;
} fc_node;

typedef struct fc_arg {
    fc_slice name;
    fc_path path;
} fc_arg;

struct fc_template {
    char *name;
    char *text;
    fc_node *nodes;
    fc_slice *segments;
    fc_arg *args;
    uint32_t n_nodes, n_segments, n_args;
    uint32_t cap_nodes, cap_segments, cap_args;
};
#endif
