#include "verbs/json_line.h"
#include "base/buf.h"
#include "text/json.h"

#include <stdio.h>

void fc_print_json(const json_t *v)
{
    fc_buf b = {0};
    fc_json_canonical(v, &b);
    printf("%s\n", fc_buf_str(&b));
    fc_buf_free(&b);
}
