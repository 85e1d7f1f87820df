/* Writes CSV. A field is quoted only where it must be; the apostrophe against formulas stands inside the
 * quotes, where Excel shows it as text. Nothing here can fail. */
#include "text/csv_writer.h"

#include <string.h>

void fc_csv_begin(fc_buf *out)
{
    fc_buf_add(out, "\xEF\xBB\xBF", 3);
}

static void begin_field(fc_buf *out, int first)
{
    if (!first) fc_buf_addc(out, ',');
}

static int must_quote(const char *text, size_t n)
{
    if (n == 0) return 0;
    if (text[0] == ' ' || text[n - 1] == ' ') return 1;
    for (size_t i = 0; i < n; i++)
        if (text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r') return 1;
    return 0;
}

static void add_doubling_quotes(fc_buf *out, const char *text, size_t n)
{
    const char *end = text + n, *quote;
    while ((quote = memchr(text, '"', (size_t)(end - text)))) {
        fc_buf_add(out, text, (size_t)(quote - text) + 1);
        fc_buf_addc(out, '"');
        text = quote + 1;
    }
    fc_buf_add(out, text, (size_t)(end - text));
}

void fc_csv_text(fc_buf *out, int first, const char *text, size_t n)
{
    begin_field(out, first);
    int quoted = must_quote(text, n);
    int formula = n > 0 && memchr("=+-@\t\r", text[0], 6) != NULL;
    if (quoted) fc_buf_addc(out, '"');
    if (formula) fc_buf_addc(out, '\'');
    if (quoted)
        add_doubling_quotes(out, text, n);
    else
        fc_buf_add(out, text, n);
    if (quoted) fc_buf_addc(out, '"');
}

void fc_csv_raw(fc_buf *out, int first, const char *text)
{
    begin_field(out, first);
    fc_buf_adds(out, text);
}

void fc_csv_end_row(fc_buf *out)
{
    fc_buf_add(out, "\r\n", 2);
}
