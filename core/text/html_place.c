/* A state machine over the bytes of a template's literal text; see the header. What a browser could read in
 * two ways (a stray <) is followed as the tokenizer of the HTML standard does; what would be unclear even to
 * a reader (a name put together by sections) becomes UNKNOWN, where nothing may be printed. It owns nothing
 * and cannot run out of anything. */
#include "text/html_place.h"

#include <string.h>

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static void put(char *word, size_t cap, char c)
{
    size_t n = strlen(word);
    if (n + 1 == cap) return;
    word[n] = lower(c);
    word[n + 1] = 0;
}

static int one_of(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(word, *list) == 0) return 1;
    return 0;
}

/* ---- attributes ---- */

static enum fc_html_attr attr_kind(const char *name)
{
    static const char *const code[] = {"style", "srcdoc", "hx-vars", NULL};
    static const char *const urls[] = {"href",      "src",         "action",         "formaction",
                                       "hx-get",    "hx-post",     "hx-put",         "hx-patch",
                                       "hx-delete", "hx-push-url", "hx-replace-url", "xlink:href",
                                       "poster",    "data",        "background",     NULL};
    if (strncmp(name, "data-hx-", 8) == 0) name += 5;
    if (strncmp(name, "on", 2) == 0 || strncmp(name, "hx-on", 5) == 0) return FC_ATTR_CODE;
    if (one_of(name, code)) return FC_ATTR_CODE;
    return one_of(name, urls) ? FC_ATTR_URL : FC_ATTR_PLAIN;
}

static void begin_name(fc_html_place *p, char c)
{
    p->name[0] = 0;
    p->attr = FC_ATTR_PLAIN;
    p->state = FC_HTML_ATTR_NAME;
    put(p->name, sizeof p->name, c);
}

static void begin_value(fc_html_place *p, enum fc_html_state state)
{
    if (p->attr != FC_ATTR_UNKNOWN) p->attr = attr_kind(p->name);
    p->scheme_open = p->attr == FC_ATTR_URL;
    p->had_value = 0;
    p->scheme[0] = 0;
    p->state = state;
}

static enum fc_html_problem follow_scheme(fc_html_place *p, char c)
{
    static const char *const dangerous[] = {"javascript", "vbscript", NULL};
    if (c == '/' || c == '?' || c == '#') p->scheme_open = 0;
    if (is_letter(c)) put(p->scheme, sizeof p->scheme, c);
    if (c != ':' || !p->scheme_open) return FC_HTML_FINE;
    p->scheme_open = 0;
    return p->had_value || one_of(p->scheme, dangerous) ? FC_HTML_BAD_SCHEME : FC_HTML_FINE;
}

/* ---- tags ---- */

static void begin_tag(fc_html_place *p, char c, int is_end_tag)
{
    p->is_end_tag = is_end_tag;
    p->element[0] = 0;
    p->state = FC_HTML_TAG_NAME;
    put(p->element, sizeof p->element, c);
}

static void end_tag(fc_html_place *p)
{
    static const char *const raw[] = {"script",  "style",    "iframe",    "xmp",
                                      "noembed", "noframes", "plaintext", NULL};
    static const char *const rcdata[] = {"textarea", "title", NULL};
    p->state = FC_HTML_TEXT;
    p->matched = 0;
    if (p->is_end_tag) return;
    if (one_of(p->element, raw))
        p->state = FC_HTML_RAW;
    else if (one_of(p->element, rcdata))
        p->state = FC_HTML_RCDATA;
}

/* Inside a tag, outside of values. */
static enum fc_html_problem follow_tag(fc_html_place *p, char c)
{
    if (p->glued && !is_blank(c) && c != '/' && c != '>') return FC_HTML_GLUED;
    if (c == '>')
        end_tag(p);
    else if (c == '/')
        p->state = FC_HTML_BEFORE_ATTR;
    else if (is_blank(c))
        p->state = p->glued || p->state == FC_HTML_ATTR_NAME ? FC_HTML_AFTER_NAME : p->state;
    else if (c == '=' && p->state == FC_HTML_BEFORE_ATTR)
        return FC_HTML_STRAY_EQUALS;
    else if (c == '=' && p->state != FC_HTML_TAG_NAME)
        p->state = FC_HTML_BEFORE_VALUE;
    else if (p->state == FC_HTML_TAG_NAME)
        put(p->element, sizeof p->element, c);
    else if (p->state == FC_HTML_ATTR_NAME)
        put(p->name, sizeof p->name, c);
    else
        begin_name(p, c);
    if (is_blank(c) && p->state == FC_HTML_TAG_NAME) p->state = FC_HTML_BEFORE_ATTR;
    p->glued = 0;
    return FC_HTML_FINE;
}

static void follow_before_value(fc_html_place *p, char c)
{
    if (c == '"')
        begin_value(p, FC_HTML_DOUBLE);
    else if (c == '\'')
        begin_value(p, FC_HTML_SINGLE);
    else if (c == '>')
        end_tag(p);
    else if (!is_blank(c))
        begin_value(p, FC_HTML_UNQUOTED);
}

/* "</script" followed by a blank, / or > ends the element. */
static void follow_raw(fc_html_place *p, char c)
{
    size_t name = strlen(p->element);
    if (p->matched == name + 2 && (is_blank(c) || c == '/' || c == '>')) {
        p->is_end_tag = 1;
        p->state = FC_HTML_BEFORE_ATTR;
        follow_tag(p, c);
        return;
    }
    char want = p->matched == 0         ? '<'
                : p->matched == 1       ? '/'
                : p->matched < name + 2 ? p->element[p->matched - 2]
                                        : 0;
    if (want && lower(c) == want)
        p->matched++;
    else
        p->matched = c == '<';
}

/* A comment ends at --> or --!>; <!--> is one already, so its own dashes count. */
static void follow_comment(fc_html_place *p, char c)
{
    const size_t bang = (size_t)-1; /* --! was read */
    if (c == '>' && p->matched >= 2)
        p->state = FC_HTML_TEXT;
    else if (c == '-')
        p->matched = p->matched == bang ? 1 : p->matched + 1;
    else
        p->matched = c == '!' && p->matched >= 2 && p->matched != bang ? bang : 0;
}

static void follow_opening(fc_html_place *p, char c)
{
    if (p->state == FC_HTML_BANG) {
        if (c == '-' && ++p->matched == 2)
            p->state = FC_HTML_COMMENT;
        else if (c != '-')
            p->state = c == '>' ? FC_HTML_TEXT : FC_HTML_DECLARATION;
    } else if (is_letter(c)) {
        begin_tag(p, c, p->state == FC_HTML_END_LESS);
    } else if (p->state == FC_HTML_END_LESS) {
        p->state = c == '>' ? FC_HTML_TEXT : FC_HTML_DECLARATION;
    } else if (c == '!') {
        p->matched = 0;
        p->state = FC_HTML_BANG;
    } else if (c != '<') {
        p->state = c == '/' ? FC_HTML_END_LESS : c == '?' ? FC_HTML_DECLARATION : FC_HTML_TEXT;
    }
}

static enum fc_html_problem follow_byte(fc_html_place *p, char c)
{
    switch (p->state) {
    case FC_HTML_TEXT:
        if (c == '<') p->state = FC_HTML_LESS;
        return FC_HTML_FINE;
    case FC_HTML_RCDATA:
    case FC_HTML_RAW:
        follow_raw(p, c);
        return FC_HTML_FINE;
    case FC_HTML_LESS:
    case FC_HTML_END_LESS:
    case FC_HTML_BANG:
        follow_opening(p, c);
        return FC_HTML_FINE;
    case FC_HTML_DECLARATION:
        if (c == '>') p->state = FC_HTML_TEXT;
        return FC_HTML_FINE;
    case FC_HTML_COMMENT:
        follow_comment(p, c);
        return FC_HTML_FINE;
    case FC_HTML_BEFORE_VALUE:
        follow_before_value(p, c);
        return FC_HTML_FINE;
    case FC_HTML_UNQUOTED:
        if (c == '>')
            end_tag(p);
        else if (is_blank(c))
            p->state = FC_HTML_BEFORE_ATTR;
        return FC_HTML_FINE;
    case FC_HTML_DOUBLE:
    case FC_HTML_SINGLE:
        if (c == (p->state == FC_HTML_DOUBLE ? '"' : '\''))
            p->state = FC_HTML_BEFORE_ATTR;
        else if (p->scheme_open)
            return follow_scheme(p, c);
        return FC_HTML_FINE;
    default:
        return follow_tag(p, c);
    }
}

enum fc_html_problem fc_html_follow(fc_html_place *p, const char *text, size_t n, size_t *at)
{
    for (size_t i = 0; i < n; i++) {
        enum fc_html_problem problem = follow_byte(p, text[i]);
        if (!problem) continue;
        *at = i;
        return problem;
    }
    return FC_HTML_FINE;
}

/* ---- what the compiler asks ---- */

enum fc_html_problem fc_html_may_print(const fc_html_place *p)
{
    switch (p->state) {
    case FC_HTML_TEXT:
        return FC_HTML_FINE;
    case FC_HTML_RCDATA:
        return p->matched ? FC_HTML_IN_NAME : FC_HTML_FINE;
    case FC_HTML_RAW:
        return FC_HTML_IN_SCRIPT;
    case FC_HTML_DOUBLE:
    case FC_HTML_SINGLE:
        if (p->attr == FC_ATTR_UNKNOWN) return FC_HTML_IN_UNKNOWN;
        return p->attr == FC_ATTR_CODE ? FC_HTML_IN_CODE : FC_HTML_FINE;
    case FC_HTML_BEFORE_VALUE:
    case FC_HTML_UNQUOTED:
        return FC_HTML_IN_UNQUOTED;
    case FC_HTML_COMMENT:
    case FC_HTML_DECLARATION:
    case FC_HTML_BANG:
        return FC_HTML_IN_COMMENT;
    default:
        return FC_HTML_IN_NAME;
    }
}

void fc_html_printed(fc_html_place *p)
{
    p->had_value = 1;
}

static int in_tag(const fc_html_place *p)
{
    return p->state >= FC_HTML_TAG_NAME && p->state <= FC_HTML_AFTER_NAME;
}

static enum fc_html_problem join_in_tag(fc_html_place *a, const fc_html_place *b, int settled)
{
    if (!settled || a->is_end_tag != b->is_end_tag || strcmp(a->element, b->element) != 0)
        return FC_HTML_UNEVEN;
    if (a->state == FC_HTML_TAG_NAME || b->state == FC_HTML_TAG_NAME) {
        a->glued = 1;
        a->state = FC_HTML_TAG_NAME;
    } else if (a->state == FC_HTML_ATTR_NAME || b->state == FC_HTML_ATTR_NAME) {
        a->state = FC_HTML_ATTR_NAME;
    } else {
        a->state = FC_HTML_AFTER_NAME;
    }
    a->attr = FC_ATTR_UNKNOWN;
    return FC_HTML_FINE;
}

enum fc_html_problem fc_html_join(fc_html_place *a, const fc_html_place *b, int settled)
{
    if (in_tag(a) && in_tag(b)) {
        if (a->state == b->state && a->state == FC_HTML_BEFORE_ATTR) return FC_HTML_FINE;
        return join_in_tag(a, b, settled);
    }
    if (a->state != b->state) return FC_HTML_UNEVEN;
    if (a->state == FC_HTML_DOUBLE || a->state == FC_HTML_SINGLE) {
        if (a->attr != b->attr || strcmp(a->name, b->name) != 0) return FC_HTML_UNEVEN;
        a->scheme_open |= b->scheme_open;
        a->had_value |= b->had_value;
        return FC_HTML_FINE;
    }
    if (a->state == FC_HTML_RCDATA && strcmp(a->element, b->element) == 0 && !a->matched && !b->matched)
        return FC_HTML_FINE;
    return a->state == FC_HTML_TEXT ? FC_HTML_FINE : FC_HTML_UNEVEN;
}

const char *fc_html_sentence(enum fc_html_problem problem, enum fc_lang lang)
{
    static const char *const sentences[][2] = {
        [FC_HTML_FINE] = {"", ""},
        [FC_HTML_IN_SCRIPT] =
            {"<script>、<style> 里不能用模板标签；请把值放进 data- 属性",
             "no template tag inside <script> or <style>; put the value into a data- attribute"},
        [FC_HTML_IN_CODE] = {"on*、style、srcdoc 属性里不能用模板标签；请用 data- 属性或 class",
                             "no template tag inside on*, style or srcdoc; use a data- attribute or a class"},
        [FC_HTML_IN_UNQUOTED] = {"属性值要加引号才能用模板标签：name=\"{{x}}\"",
                                 "an attribute value must be quoted to hold a template tag: name=\"{{x}}\""},
        [FC_HTML_IN_NAME] = {"标签名和属性名里不能输出值",
                             "no value can be printed in the name of an element or attribute"},
        [FC_HTML_IN_COMMENT] =
            {"HTML 注释和声明里不能用模板标签；注释请写 {{!-- ... --}}",
             "no template tag inside an HTML comment or declaration; write {{!-- ... --}} for a comment"},
        [FC_HTML_IN_UNKNOWN] =
            {"属性名由条件段拼成，无法判断这里是否安全；请在条件段后面加一个空格，写出完整的属性名",
             "the attribute's name is put together by sections, so it is unclear whether this is safe; "
             "put a blank behind the section and write the whole name"},
        [FC_HTML_BAD_SCHEME] = {"链接的协议不能由值拼成，也不能是 javascript:",
                                "the scheme of a link can neither be made from a value nor be javascript:"},
        [FC_HTML_GLUED] = {"条件段紧接着标签名或属性名；请在中间加一个空格",
                           "a section is glued to a name; put a blank between them"},
        [FC_HTML_STRAY_EQUALS] = {"等号前面缺少属性名", "an attribute's name is missing before ="},
        [FC_HTML_UNEVEN] =
            {"条件段的开头和结尾不在 HTML 的同一个位置；请让它包住完整的元素、完整的属性，"
             "或者引号里面的一段文字，属性前面的空格写在段内",
             "the section begins and ends in different places of the HTML; let it enclose whole elements, "
             "whole attributes with the blank before them, or a part inside the quotes"},
    };
    return sentences[problem][lang];
}
