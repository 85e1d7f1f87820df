/* Regular expressions on PCRE2.
 *
 * Happy path: compile, JIT, one match data kept with the pattern; a match is one call.
 *
 * The match limit alone bounds nothing that a person would call time: PCRE2 counts it anew at every start
 * position, and between two counts a lookahead may run over the whole text (measured: 70 s on 32 KiB). So a
 * pattern that repeats anything is first tried with a limit that is small for a long text, over a window of
 * starts; that is one call for nearly every match. Where the limit is hit, windows become narrow and the
 * limit is raised step by step, as long as the last step's time says that the next one fits. Where it does
 * not, a second program of the same pattern goes on, which calls us back before every item (and is slower for
 * it) and is stopped when its CPU time is spent.
 *
 * Failure modes: a pattern that is no pattern (the place is given in characters), a subject that is not UTF-8
 * or too long, a limit that was hit: always FC_ELIMIT, never "no match". A pattern belongs to one thread at a
 * time. fc_pattern_free closes everything. */
#include "text/pattern.h"
#include "base/buf.h"
#include "base/clock.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PATTERN 4096
#define MAX_SUBJECT (256 * 1024)
#define MATCH_LIMIT 100000
#define HEAP_KIB 8192
#define JIT_STACK (8 * 1024 * 1024)
#define CPU_BUDGET_NS INT64_C(250000000)
#define CALLS_PER_LOOK 4096
#define NARROW 32 /* starts */
#define NARROWEST 4
#define WORK_PER_WINDOW (40 * 1000 * 1000)
#define WORK_UNWATCHED (1000 * 1000 * 1000)
#define LEAST_LIMIT 8
#define RAISE 8
#define QUICK_NS 1000000

struct fc_pattern {
    pcre2_code *code;
    pcre2_code *careful; /* the same with callouts; made when first needed */
    pcre2_match_data *data;
    pcre2_match_context *limits;
    int repeats;    /* may need more than one step for a byte at a start */
    int from_start; /* says \G, "where the match began": it cannot be tried in windows */
    char *text;
    size_t n;
};

/* The time of one careful match. */
typedef struct watch {
    int64_t until;
    int calls;
} watch;

/* PCRE2's messages are English; those that people meet have a Chinese sentence. */
static const char *message_zh(int code)
{
    switch (code) {
    case PCRE2_ERROR_END_BACKSLASH:
        return "末尾的反斜杠后面缺少字符";
    case PCRE2_ERROR_UNKNOWN_ESCAPE:
        return "反斜杠后面的字符没有意义";
    case PCRE2_ERROR_QUANTIFIER_OUT_OF_ORDER:
        return "花括号里的数字顺序颠倒";
    case PCRE2_ERROR_QUANTIFIER_TOO_BIG:
        return "重复次数太大";
    case PCRE2_ERROR_MISSING_SQUARE_BRACKET:
        return "缺少右方括号 ]";
    case PCRE2_ERROR_CLASS_RANGE_ORDER:
        return "方括号里的范围顺序颠倒";
    case PCRE2_ERROR_QUANTIFIER_INVALID:
        return "重复符号前面没有可以重复的内容";
    case PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS:
        return "缺少右括号 )";
    case PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS:
        return "多了一个右括号 )";
    case PCRE2_ERROR_BACKSLASH_C_CALLER_DISABLED:
        return "不允许使用 \\C";
    case PCRE2_ERROR_PATTERN_TOO_LARGE:
        return "展开以后太大";
    default:
        return "写法有误";
    }
}

static int characters_before(const char *text, size_t n)
{
    int count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

static int fail_compile(fc_err *err, int code, const char *text, size_t at)
{
    char why[160] = "";
    pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why);
    int place = characters_before(text, at);
    int kind = code == PCRE2_ERROR_PATTERN_TOO_LARGE ? FC_ELIMIT : FC_EINVAL;
    fc_fail(err, kind, "%d %s", "regular expression, after character %d: %s", place, why);
    if (err)
        snprintf(err->text[FC_ZH], FC_ERR_TEXT, "正则表达式在第 %d 个字符之后：%s（%s）", place,
                 message_zh(code), why);
    return kind;
}

static pcre2_code *make_code(const char *text, size_t n, uint32_t more, int *code, size_t *at)
{
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT | more;
    pcre2_code *made = pcre2_compile((PCRE2_SPTR)text, n, options, code, at, NULL);
    if (made)
        pcre2_jit_compile(made, PCRE2_JIT_COMPLETE); /* without JIT the interpreter does the same, slower */
    return made;
}

static int check_watch(pcre2_callout_block *block, void *data)
{
    watch *w = data;
    (void)block;
    if (++w->calls % CALLS_PER_LOOK) return 0;
    return fc_cpu() > w->until ? PCRE2_ERROR_MATCHLIMIT : 0;
}

static int make_limits(fc_pattern *p)
{
    p->data = pcre2_match_data_create_from_pattern(p->code, NULL);
    p->limits = pcre2_match_context_create(NULL);
    if (!p->data || !p->limits) return FC_ENOMEM;
    pcre2_set_heap_limit(p->limits, HEAP_KIB);
    return FC_OK;
}

int fc_pattern_compile(const char *text, size_t n, fc_pattern **out, fc_err *err)
{
    *out = NULL;
    if (n > MAX_PATTERN)
        return fc_fail(err, FC_ELIMIT, "正则表达式有 %zu 字节，最多 %d 字节",
                       "the regular expression has %zu bytes; at most %d are allowed", n, MAX_PATTERN);
    int code;
    size_t at;
    fc_pattern *p = fc_alloc(sizeof *p);
    p->text = fc_strndup(text, n);
    p->n = n;
    p->code = make_code(p->text, n, 0, &code, &at);
    if (!p->code) {
        fc_pattern_free(p);
        return fail_compile(err, code, text, at < n ? at : n);
    }
    if (make_limits(p) != FC_OK) {
        fc_pattern_free(p);
        return fc_fail(err, FC_ENOMEM, "内存不足，无法编译正则表达式",
                       "not enough memory to compile the regular expression");
    }
    /* A letter too many here costs a little speed, nothing else: in a class or escaped it only seems to
     * repeat. */
    p->repeats = strpbrk(p->text, "*+{") || strstr(p->text, "(?") || strlen(p->text) < n;
    p->from_start = memmem(text, n, "\\G", 2) != NULL;
    *out = p;
    return FC_OK;
}

void fc_pattern_free(fc_pattern *p)
{
    if (!p) return;
    pcre2_match_context_free(p->limits);
    pcre2_match_data_free(p->data);
    pcre2_code_free(p->careful);
    pcre2_code_free(p->code);
    free(p->text);
    free(p);
}

int fc_pattern_groups(const fc_pattern *p)
{
    uint32_t n = 0;
    pcre2_pattern_info(p->code, PCRE2_INFO_CAPTURECOUNT, &n);
    return (int)n;
}

static int fail_match(fc_err *err, int code, size_t at)
{
    if (code <= PCRE2_ERROR_UTF8_ERR1 && code >= PCRE2_ERROR_UTF8_ERR21)
        return fc_fail(err, FC_EINVAL, "要匹配的文字在第 %zu 字节处不是有效的 UTF-8",
                       "the text to match is not valid UTF-8 at byte %zu", at + 1);
    if (code == PCRE2_ERROR_BADUTFOFFSET)
        return fc_fail(err, FC_EINVAL, "匹配的起点在一个字符的中间",
                       "the match would begin inside a character");
    if (code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_HEAPLIMIT || code == PCRE2_ERROR_DEPTHLIMIT ||
        code == PCRE2_ERROR_JIT_STACKLIMIT)
        return fc_fail(
            err, FC_ELIMIT, "正则表达式对这段文字回溯太多，已停止；请写得更具体，避免 (a+)+ 这样的嵌套重复",
            "the regular expression backtracks too much on this text and was stopped; make it more specific, "
            "avoid nested repeats such as (a+)+");
    if (code == PCRE2_ERROR_NOMEMORY)
        return fc_fail(err, FC_ENOMEM, "内存不足，匹配已停止", "not enough memory; the match was stopped");
    return fc_fail(err, FC_EINTERNAL, "正则表达式匹配出错（PCRE2 代码 %d）",
                   "the regular expression failed (PCRE2 code %d)", code);
}

/* ---- three ways to match ---- */

static int run(fc_pattern *p, const pcre2_code *code, const char *subject, size_t n, size_t from,
               uint32_t options)
{
    return pcre2_match(code, (PCRE2_SPTR)subject, n, from, options, p->data, p->limits);
}

static int match_carefully(fc_pattern *p, const char *subject, size_t n, size_t from)
{
    int code;
    size_t at;
    if (!p->careful) p->careful = make_code(p->text, p->n, PCRE2_AUTO_CALLOUT, &code, &at);
    pcre2_jit_stack *stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK, NULL);
    if (!p->careful || !stack) {
        pcre2_jit_stack_free(stack);
        return PCRE2_ERROR_NOMEMORY;
    }
    watch w = {.until = fc_cpu() + CPU_BUDGET_NS};
    pcre2_set_offset_limit(p->limits, PCRE2_UNSET);
    pcre2_set_match_limit(p->limits, MATCH_LIMIT);
    pcre2_set_callout(p->limits, check_watch, &w);
    pcre2_jit_stack_assign(p->limits, NULL, stack);
    int rc = run(p, p->careful, subject, n, from, 0);
    pcre2_jit_stack_assign(p->limits, NULL, NULL);
    pcre2_set_callout(p->limits, NULL, NULL);
    pcre2_jit_stack_free(stack);
    return rc;
}

static size_t window_end(const char *subject, size_t n, size_t from, size_t width)
{
    if (width >= n - from) return n;
    size_t end = from + width;
    while (end < n && ((unsigned char)subject[end] & 0xC0) == 0x80)
        end++;
    return end;
}

/* Starts x limit x length of the text is what a window costs at most, times the lookaheads in the pattern. */
static uint32_t window_limit(size_t n, size_t width)
{
    size_t limit = WORK_PER_WINDOW / (width * (n + 1)) + 1;
    return limit < MATCH_LIMIT ? (uint32_t)limit : MATCH_LIMIT;
}

typedef struct windows {
    size_t width;
    uint32_t limit;
    int64_t began, last; /* CPU time; 0 until the first window was not enough */
} windows;

/* A window hit its limit. Returns 0 if no other window should be tried. */
static int try_harder(windows *w, size_t n, int64_t now)
{
    int64_t took = now - w->last;
    if (w->width > NARROW) {
        w->width = NARROW;
        w->limit = window_limit(n, NARROW);
        return 1;
    }
    uint32_t next = w->limit < MATCH_LIMIT / RAISE ? w->limit * RAISE : MATCH_LIMIT;
    if (next == w->limit || (int64_t)next * (int64_t)n > WORK_UNWATCHED) return 0;
    if (now - w->began + took * RAISE > CPU_BUDGET_NS) return 0;
    w->width = NARROWEST;
    w->limit = next;
    return 1;
}

/* A window found nothing: the next may be wider if that was quick. */
static void go_wider(windows *w, size_t n, int64_t now)
{
    size_t widest = WORK_UNWATCHED / (w->limit * (n + 1)) + 1;
    if (now - w->last < QUICK_NS && w->width * 2 <= widest) w->width *= 2;
}

static windows wide_windows(size_t n)
{
    size_t width = WORK_PER_WINDOW / (LEAST_LIMIT * (n + 1));
    if (width < NARROW) width = NARROW;
    if (width > n) width = n + 1;
    return (windows){.width = width, .limit = window_limit(n, width)};
}

static int match_in_windows(fc_pattern *p, const char *subject, size_t n, size_t from)
{
    windows w = wide_windows(n);
    for (uint32_t options = 0;; options = PCRE2_NO_UTF_CHECK) {
        size_t end = window_end(subject, n, from, w.width);
        pcre2_set_match_limit(p->limits, w.limit);
        pcre2_set_offset_limit(p->limits, end);
        int rc = run(p, p->code, subject, n, from, options);
        if (rc == PCRE2_ERROR_MATCHLIMIT && w.limit == MATCH_LIMIT) return rc;
        int limited = rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_JIT_STACKLIMIT;
        if (!limited && (rc != PCRE2_ERROR_NOMATCH || end >= n)) return rc;
        int64_t now = fc_cpu();
        if (!w.began) w.began = w.last = now;
        if (now - w.began > CPU_BUDGET_NS || rc == PCRE2_ERROR_JIT_STACKLIMIT ||
            (limited && !try_harder(&w, n, now)))
            return match_carefully(p, subject, n, from);
        if (!limited) {
            go_wider(&w, n, now);
            from = end;
        }
        w.last = now;
    }
}

static int match_plainly(fc_pattern *p, const char *subject, size_t n, size_t from)
{
    pcre2_set_offset_limit(p->limits, PCRE2_UNSET);
    pcre2_set_match_limit(p->limits, MATCH_LIMIT);
    int rc = run(p, p->code, subject, n, from, 0);
    return rc == PCRE2_ERROR_JIT_STACKLIMIT ? match_carefully(p, subject, n, from) : rc;
}

static void give_spans(const fc_pattern *p, size_t *spans, int max)
{
    const size_t *found = pcre2_get_ovector_pointer(p->data);
    int known = (int)pcre2_get_ovector_count(p->data);
    for (int i = 0; i < 2 * max; i++)
        spans[i] = i < 2 * known ? found[i] : PCRE2_UNSET;
}

int fc_pattern_match(fc_pattern *p, const char *subject, size_t n, size_t from, int *matched, size_t *spans,
                     int max, fc_err *err)
{
    *matched = 0;
    if (n > MAX_SUBJECT)
        return fc_fail(err, FC_ELIMIT, "要匹配的文字有 %zu 字节，最多 %d 字节",
                       "the text to match has %zu bytes; at most %d are allowed", n, MAX_SUBJECT);
    if (from > n) return FC_OK;
    int rc = p->from_start ? match_carefully(p, subject, n, from)
             : p->repeats  ? match_in_windows(p, subject, n, from)
                           : match_plainly(p, subject, n, from);
    if (rc == PCRE2_ERROR_NOMATCH) return FC_OK;
    if (rc < 0) return fail_match(err, rc, pcre2_get_startchar(p->data));
    *matched = 1;
    if (spans) give_spans(p, spans, max);
    return FC_OK;
}
