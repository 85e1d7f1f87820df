/* Templates: what is printed, what is escaped, what is refused and where it says the mistake is. */
#include "base/clock.h"
#include "text/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static fc_template *parts[4];
static const char *part_names[4];

static const fc_template *find_part(void *ctx, const char *name)
{
    (void)ctx;
    for (int i = 0; i < 4; i++)
        if (part_names[i] && strcmp(part_names[i], name) == 0) return parts[i];
    return NULL;
}

static const char *find_text(void *ctx, const char *key, enum fc_lang lang)
{
    (void)ctx;
    if (strcmp(key, "hello") == 0) return lang == FC_EN ? "Hello, {name}! {x}" : "{name}，您好！";
    if (strcmp(key, "plain") == 0) return "a < b & c";
    if (strcmp(key, "link") == 0) return "{url}";
    return NULL;
}

static fc_template *compile(const char *text)
{
    fc_template *t;
    fc_err err;
    if (fc_template_compile("page.html", text, strlen(text), &t, &err) != FC_OK)
        fail_msg("%s", err.text[FC_EN]);
    return t;
}

/* Renders `text` over the JSON `data` (with ' for "). Returns the code; out and err as they are. */
static int render(const char *text, const char *data, enum fc_lang lang, fc_buf *out, fc_err *err)
{
    char *json = strdup(data);
    for (char *p = json; *p; p++)
        if (*p == '\'') *p = '"';
    json_error_t why;
    fc_template *t = compile(text);
    json_t *globals = json_pack("{s:s,s:s}", "base", "/nanjing", "lang", "zh");
    fc_render r = {.data = json_loads(json, 0, &why),
                   .globals = globals,
                   .lang = lang,
                   .text = find_text,
                   .part = find_part};
    if (!r.data) fail_msg("bad test data: %s", json);
    fc_buf_clear(out);
    fc_buf_adds(out, "|");
    int rc = fc_template_render(t, &r, out, err);
    json_decref(r.data);
    json_decref(globals);
    fc_template_free(t);
    free(json);
    return rc;
}

static void assert_page(const char *text, const char *data, enum fc_lang lang, const char *want)
{
    fc_buf out = {0};
    fc_err err = {0};
    if (render(text, data, lang, &out, &err) != FC_OK) fail_msg("%s", err.text[FC_EN]);
    assert_string_equal(out.data + 1, want);
    fc_buf_free(&out);
}

static void assert_fails(const char *text, const char *data, const char *en)
{
    fc_buf out = {0};
    fc_err err = {0};
    assert_int_not_equal(render(text, data, FC_EN, &out, &err), FC_OK);
    if (!strstr(err.text[FC_EN], en)) fail_msg("'%s' lacks '%s'", err.text[FC_EN], en);
    assert_true(strncmp(err.text[FC_ZH], "page.html:", 10) == 0);
    assert_string_equal(out.data, "|");
    fc_buf_free(&out);
}

static void assert_refused(const char *text, const char *en)
{
    fc_template *t = (fc_template *)1;
    fc_err err;
    if (fc_template_compile("page.html", text, strlen(text), &t, &err) == FC_OK)
        fail_msg("accepted: %s", text);
    assert_null(t);
    if (!strstr(err.text[FC_EN], en)) fail_msg("%s\n'%s' lacks '%s'", text, err.text[FC_EN], en);
    assert_true(strncmp(err.text[FC_ZH], "page.html:", 10) == 0);
}

static void assert_accepted(const char *text)
{
    fc_template_free(compile(text));
}

static void values_print_escaped(void **state)
{
    (void)state;
    assert_page("<p title=\"{{a}}\">{{a}}</p>", "{'a':'<b> & \\u0022c\\u0022 \\u0027d\\u0027 工'}", FC_ZH,
                "<p title=\"&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; 工\">&lt;b&gt; &amp; &quot;c&quot; "
                "&#39;d&#39; 工</p>");
    assert_page("{{i}} {{r}} {{w}} {{y}} {{n}} {{big}}",
                "{'i':-3,'r':77.8,'w':3.0,'y':true,'n':false,'big':9007199254740993}", FC_ZH,
                "-3 77.8 3 true false 9007199254740993");
}

static void names_are_found_from_inside_out(void **state)
{
    (void)state;
    assert_page("{{a.b.c}} {{base}}", "{'a':{'b':{'c':1}}}", FC_ZH, "1 /nanjing");
    assert_page("{{#o}}{{x}}{{y}}{{base}}{{/o}}{{x}}", "{'x':1,'y':2,'o':{'x':9}}", FC_ZH, "92/nanjing1");
    assert_page("{{base}}", "{'base':'mine'}", FC_ZH, "mine");
}

static void texts_come_in_the_readers_language(void **state)
{
    (void)state;
    const char *data = "{'t':{'zh':'工','en':'work'},'z':{'zh':'只'},'l':[{'zh':'一','en':'one'}]}";
    assert_page("{{t}}{{z}}{{#l}}{{.}}{{/l}}", data, FC_ZH, "工只一");
    assert_page("{{t}}{{z}}{{#l}}{{.}}{{/l}}", data, FC_EN, "work只one");
}

static void lists_repeat(void **state)
{
    (void)state;
    assert_page("{{#l}}{{@index}}:{{.}}{{^@last}},{{/@last}}{{#@first}}!{{/@first}}{{/l}}",
                "{'l':['a','b','c']}", FC_ZH, "1:a,!2:b,3:c");
    assert_page("{{#l}}{{#l}}{{@index}}{{n}};{{/l}}{{@index}}|{{/l}}",
                "{'l':[{'l':[{'n':1},{'n':2}]},{'l':[{'n':3}]}]}", FC_ZH, "11;22;1|13;2|");
    assert_page("{{#l}}{{#.}}{{.}}{{/.}};{{/l}}", "{'l':[[1,2],[],[3]]}", FC_ZH, "12;;3;");
}

static void sections_are_shown_or_not(void **state)
{
    (void)state;
    const char *text = "{{#x}}yes{{/x}}{{^x}}no{{/x}}";
    static const char *const shown[] = {"{'x':true}", "{'x':0}", "{'x':''}", "{'x':{'a':1}}", "{'x':[1]}"};
    static const char *const hidden[] = {"{}", "{'x':null}", "{'x':false}", "{'x':[]}", "{'x':{}}"};
    for (int i = 0; i < 5; i++)
        assert_page(text, shown[i], FC_ZH, "yes");
    for (int i = 0; i < 5; i++)
        assert_page(text, hidden[i], FC_ZH, "no");
    assert_page("{{#a.b}}x{{/a.b}}{{^a.c}}y{{/a.c}}", "{'a':{'b':1}}", FC_ZH, "xy");
}

static void what_may_be_missing_says_so(void **state)
{
    (void)state;
    assert_page("[{{a?}}{{b?}}{{c.d?}}{{c.d.e?}}]", "{'b':null,'c':{}}", FC_ZH, "[]");
    assert_page("{{a?}}", "{'a':1}", FC_ZH, "1");
    assert_fails("\n\n{{amuont}}", "{'amount':1}",
                 "page.html:3: there is no 'amuont' (did you mean 'amount'?)");
    assert_fails("{{a.naem}}", "{'a':{'name':1}}", "there is no 'a.naem' (did you mean 'name'?)");
    assert_fails("{{zzz}}", "{'a':1}", "there is no 'zzz'; where it may be missing, write {{zzz?}}");
    assert_fails("{{a}}", "{'a':null}", "'a' is null");
    assert_fails("{{a}}", "{'a':[1]}", "'a' is a list");
    assert_fails("{{a?}}", "{'a':{'b':1}}", "'a' is an object");
    assert_fails("{{@index}}", "{}", "only known inside a list");
    assert_fails("{{a.b}}", "{'a':'text'}", "there is no 'a.b'");
}

static void locale_texts_are_filled_and_escaped(void **state)
{
    (void)state;
    assert_page("{{t:hello name=who.n}}", "{'who':{'n':'<张>'}}", FC_EN, "Hello, &lt;张&gt;! {x}");
    assert_page("{{t:hello\n name=who }}", "{'who':'张'}", FC_ZH, "张，您好！");
    assert_page("{{t:plain}}", "{}", FC_ZH, "a &lt; b &amp; c");
    assert_fails("a\n{{t:nothing}}", "{}", "page.html:2: there is no text with the key 'nothing'");
    assert_fails("{{t:hello name=who}}", "{}", "there is no 'who'");
    assert_refused("{{t:}}", "a name is missing");
    assert_refused("{{t:hello name}}", "'name' must be name=path");
}

static void count_keys(void *ctx, const char *key, int line)
{
    fc_buf_addf(ctx, "%s:%d ", key, line);
}

static void keys_are_told_with_their_lines(void **state)
{
    (void)state;
    fc_buf out = {0};
    fc_template *t = compile("{{t:a}}\n<p title=\"{{t:b\n x=y}}\">\n{{#s}}{{ t:c }}{{/s}}</p>");
    fc_template_keys(t, count_keys, &out);
    assert_string_equal(out.data, "a:1 b:2 c:4 ");
    fc_template_free(t);
    fc_buf_free(&out);
}

static void json_stands_in_attributes(void **state)
{
    (void)state;
    assert_page("<i data-x=\"{{json x}}\"></i>", "{'x':{'b':[1,'<\\u0027'],'a':9007199254740993}}", FC_ZH,
                "<i "
                "data-x=\"{&quot;a&quot;:&quot;9007199254740993&quot;,&quot;b&quot;:[1,&quot;&lt;&#39;&quot;]"
                "}\"></i>");
    assert_page("<i data-x='{{json x}}'></i>", "{'x':null}", FC_ZH, "<i data-x='null'></i>");
    assert_fails("{{json y}}", "{}", "there is no 'y'");
    assert_page("{{json}}", "{'json':1}", FC_ZH, "1");
}

static void a_link_cannot_get_a_foreign_scheme(void **state)
{
    (void)state;
    static const struct {
        const char *url, *want;
    } cases[] = {{"/x?a=1&b=2", "/x?a=1&amp;b=2"},
                 {"https://a/b", "https://a/b"},
                 {"HTTP://a", "HTTP://a"},
                 {"mailto:a@b", "mailto:a@b"},
                 {"tel:138", "tel:138"},
                 {"x/y:z", "x/y:z"},
                 {"?a:b", "?a:b"},
                 {"#a:b", "#a:b"},
                 {"", ""},
                 {"javascript:alert(1)", "#"},
                 {"JaVaScRiPt:alert(1)", "#"},
                 {" javascript:alert(1)", "#"},
                 {"java\\nscript:alert(1)", "#"},
                 {"\\u0001javascript:alert(1)", "#"},
                 {"data:text/html,x", "#"},
                 {"vbscript:x", "#"},
                 {":x", "#"},
                 {"httpsx:y", "#"},
                 {"httpshttpshttps:y", "#"}};
    char text[200], data[200], want[300];
    static const char *const attrs[] = {"href=\"", "SRC = '", "hx-get=\"", "data-hx-post=\"",
                                        "formaction=\""};
    for (size_t a = 0; a < sizeof attrs / sizeof *attrs; a++) {
        char quote = strchr(attrs[a], '\'') ? '\'' : '"';
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            snprintf(text, sizeof text, "<a %s{{u}}%c>", attrs[a], quote);
            snprintf(data, sizeof data, "{'u':'%s'}", cases[i].url);
            snprintf(want, sizeof want, "<a %s%s%c>", attrs[a], cases[i].want, quote);
            assert_page(text, data, FC_ZH, want);
        }
    }
}

static void only_the_head_of_a_link_is_checked(void **state)
{
    (void)state;
    assert_page("<a href=\"/x/{{a}}\">", "{'a':'p:q'}", FC_ZH, "<a href=\"/x/p:q\">");
    assert_page("<a href=\"{{a}}{{b}}\">", "{'a':'','b':'javascript:x'}", FC_ZH, "<a href=\"#\">");
    assert_page("<a href=\"{{a}}{{b}}\">", "{'a':'java','b':'script:x'}", FC_ZH, "<a href=\"java#\">");
    assert_page("<a href=\"{{#a}}{{b}}{{/a}}{{b}}\">", "{'a':false,'b':'javascript:x'}", FC_ZH,
                "<a href=\"#\">");
    assert_page("<a href=\"{{#a}}/{{/a}}{{b}}\">", "{'a':false,'b':'javascript:x'}", FC_ZH, "<a href=\"#\">");
    assert_page("<a href=\"{{t:link url=u}}\">", "{'u':'javascript:x'}", FC_ZH, "<a href=\"#\">");
    assert_page("<a href=\"{{json u}}\">", "{'u':'javascript:x'}", FC_ZH, "<a href=\"#\">");
    assert_page("<a title=\"{{u}}\">", "{'u':'javascript:x'}", FC_ZH, "<a title=\"javascript:x\">");
    assert_refused("<a href=\"{{a}}:x\">", "scheme of a link");
    assert_refused("<a href=\"{{#a}}{{b}}{{/a}}:x\">", "scheme of a link");
    assert_refused("<a href=\"javascript:{{a}}\">", "scheme of a link");
    assert_accepted("<a href=\"tel:{{a}}\"><a href=\"{{base}}/x:{{a}}\">");
}

static void tags_are_refused_where_escaping_does_not_help(void **state)
{
    (void)state;
    assert_refused("<script>var x = \"{{x}}\"</script>", "inside <script>");
    assert_refused("<SCRIPT type=module>\n{{#x}}{{/x}}</script>",
                   "page.html:2: no template tag inside <script>");
    assert_refused("<style>.a{color:{{x}}}</style>", "inside <script>");
    assert_refused("<p onclick=\"f('{{x}}')\">", "inside on*");
    assert_refused("<p ONCLICK='{{x}}'>", "inside on*");
    assert_refused("<p hx-on:click=\"{{x}}\">", "inside on*");
    assert_refused("<p data-hx-on::load=\"{{#x}}a{{/x}}\">", "inside on*");
    assert_refused("<p style=\"color:{{x}}\">", "inside on*");
    assert_refused("<p class={{x}}>", "must be quoted");
    assert_refused("<p class=a{{x}}>", "must be quoted");
    assert_refused("<p class={{#x}}a{{/x}}>", "must be quoted");
    assert_refused("<p {{x}}>", "in the name");
    assert_refused("<p a{{x}}=\"1\">", "in the name");
    assert_refused("<{{x}}>", "in the name");
    assert_refused("<h{{x}}>", "in the name");
    assert_refused("</{{x}}>", "in the name");
    assert_refused("<!-- {{x}} -->", "HTML comment");
    assert_refused("<!doctype {{x}}>", "HTML comment");
    assert_refused("<textarea></{{x}}>", "in the name");
    assert_refused("<p title=\"{{> x}}\">", "may only stand between elements");
    assert_refused("<p title=\"{{{body}}}\">", "may only stand between elements");
    assert_accepted("<script src=\"{{base}}/a.js\"></script>{{x}}<!-- a --><p>{{x}}</p>");
    assert_accepted("<script>if (a < b) x = '</p>'</script>{{x}}");
    assert_accepted(
        "<style>a{}</style >{{x}}<textarea name=\"a\">{{x}}<b></textarea><title>{{x}}</title>{{x}}");
    assert_accepted("a < b {{x}} <= {{y}} < {{z}}");
    assert_refused("<!-- a --!-> {{x}} -->", "HTML comment");
    assert_accepted("<!----><p>{{x}}<!-- a -- b --!>{{x}}<!-->{{x}}");
}

static void sections_enclose_whole_things(void **state)
{
    (void)state;
    assert_accepted("<option value=\"{{v}}\"{{#s}} selected{{/s}}{{#d}} disabled{{/d}}>{{v}}</option>");
    assert_accepted("<option{{#s}} selected{{/s}}>");
    assert_accepted("<input {{#s}}checked{{/s}} value=\"{{v}}\">");
    assert_accepted("<input {{#s}}checked {{/s}}value=\"{{v}}\">");
    assert_accepted("<tr{{#s}} class=\"{{c}}\" data-x=\"{{y}}\"{{/s}}>");
    assert_accepted("<tr {{#s}}class=\"{{c}}\"{{/s}} id=\"{{i}}\">");
    assert_accepted("<p class=\"a{{#s}} b {{c}}{{/s}}{{^s}} d{{/s}}\">");
    assert_accepted("{{#s}}<b>{{/s}}x{{#s}}</b>{{/s}}");
    assert_refused("<p {{#s}}class=\"{{/s}}x\">", "begins and ends in different places");
    assert_refused("{{#s}}<p{{/s}}>", "begins and ends in different places");
    assert_refused("<p class=\"{{#s}}\">{{/s}}", "begins and ends in different places");
    assert_refused("<input {{#s}}on{{/s}}click=\"{{v}}\">", "put together by sections");
    assert_refused("<input {{#s}}data-x=\"{{v}}\" on{{/s}}>", "begins and ends in different places");
    assert_refused("<p{{#s}} a{{/s}}x>", "glued");
    assert_refused("<p ={{#s}} a{{/s}}x>", "missing before =");
    assert_refused("<p class=\"{{#s}}\" title=\"{{/s}}\">", "begins and ends in different places");
    assert_refused("<h{{#s}}1{{/s}}>", "begins and ends in different places");
}

static void broken_tags_are_refused_with_their_line(void **state)
{
    (void)state;
    assert_refused("a\nb {{x", "page.html:2: the tag {{ is never closed");
    assert_refused("{{}}", "an empty tag");
    assert_refused("\n{{a b}}", "page.html:2: 'a b' is no name");
    assert_refused("{{a..b}}", "'a..b' is no name");
    assert_refused("{{.a}}", "is no name");
    assert_refused("{{#}}{{/}}", "a name is missing");
    assert_refused("{{#a}}", "{{#a}} is never closed");
    assert_refused("\n{{#a}}\n\n{{#b}}{{/b}}\n", "page.html:2: {{#a}} is never closed");
    assert_refused("{{/a}}", "{{/a}} closes nothing");
    assert_refused("{{#a}}\n{{/b}}", "page.html:2: {{/b}} does not fit line 1's {{#a}}");
    assert_refused("{{{x}}}", "only {{{body}}}");
    assert_refused("{{&x}}", "no output without escaping");
    assert_refused("{{! x }}", "a comment is written");
    assert_refused("{{!-- x }}", "never closed");
    assert_refused("{{>}}", "a name is missing");
    assert_refused("{{> a b}}", "is no name");
    assert_refused("<p title=\"a", "ends inside an HTML tag");
    assert_refused("<script>", "ends inside an HTML tag");
    assert_refused("ok\n\xFF", "page.html:2: this is not valid UTF-8");
    assert_page("a{{!-- {{x}} \n --}}b", "{}", FC_ZH, "ab");
    assert_fails("{{!--\n\n--}}{{x}}", "{}", "page.html:3: there is no 'x'");
    assert_fails("<p\n a='1'\n>{{ x }}", "{}", "page.html:3: there is no 'x'");
}

static void parts_share_the_scope(void **state)
{
    (void)state;
    part_names[0] = "row";
    parts[0] = compile("<li>{{n}}{{base}}</li>");
    part_names[1] = "loop.html";
    parts[1] = compile("x{{> loop.html}}");
    part_names[2] = "bad/part";
    fc_err err;
    assert_int_equal(fc_template_compile("part.html", "\n{{oops}}", 9, &parts[2], &err), FC_OK);
    assert_page("{{#l}}{{> row}}{{/l}}", "{'l':[{'n':1},{'n':2}]}", FC_ZH,
                "<li>1/nanjing</li><li>2/nanjing</li>");
    assert_fails("{{> none}}", "{}", "there is no template named 'none'");
    fc_buf out = {0};
    assert_int_equal(render("{{> loop.html}}", "{}", FC_EN, &out, &err), FC_ELIMIT);
    assert_non_null(strstr(err.text[FC_EN], "does it include itself?"));
    assert_int_equal(render("{{> bad/part}}", "{}", FC_EN, &out, &err), FC_EINVAL);
    assert_non_null(strstr(err.text[FC_EN], "part.html:2: there is no 'oops'"));
    fc_buf_free(&out);
    for (int i = 0; i < 3; i++) {
        fc_template_free(parts[i]);
        part_names[i] = NULL;
    }
}

static void only_the_frame_has_a_body(void **state)
{
    (void)state;
    fc_template *t = compile("<main>{{{body}}}</main>");
    fc_buf out = {0};
    fc_err err;
    json_t *data = json_object();
    fc_render r = {.data = data, .body = "<b>&</b>"};
    assert_int_equal(fc_template_render(t, &r, &out, &err), FC_OK);
    assert_string_equal(out.data, "<main><b>&</b></main>");
    r.body = NULL;
    assert_int_equal(fc_template_render(t, &r, &out, &err), FC_EINVAL);
    assert_string_equal(out.data, "<main><b>&</b></main>");
    json_decref(data);
    fc_template_free(t);
    fc_buf_free(&out);
}

static void lists_in_lists_are_bounded(void **state)
{
    (void)state;
    fc_buf data = {0}, out = {0};
    fc_err err;
    fc_buf_adds(&data, "{'l':[1");
    for (int i = 0; i < 2000; i++)
        fc_buf_adds(&data, ",1");
    fc_buf_adds(&data, "]}");
    int64_t began = fc_cpu();
    assert_int_equal(render("{{#l}}{{#l}}{{#l}}x{{/l}}{{/l}}{{/l}}", data.data, FC_EN, &out, &err),
                     FC_ELIMIT);
    assert_non_null(strstr(err.text[FC_EN], "page grows too large"));
    assert_true(fc_cpu() - began < INT64_C(3000000000));
    fc_buf_free(&data);
    fc_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_print_escaped),
        cmocka_unit_test(names_are_found_from_inside_out),
        cmocka_unit_test(texts_come_in_the_readers_language),
        cmocka_unit_test(lists_repeat),
        cmocka_unit_test(sections_are_shown_or_not),
        cmocka_unit_test(what_may_be_missing_says_so),
        cmocka_unit_test(locale_texts_are_filled_and_escaped),
        cmocka_unit_test(keys_are_told_with_their_lines),
        cmocka_unit_test(json_stands_in_attributes),
        cmocka_unit_test(a_link_cannot_get_a_foreign_scheme),
        cmocka_unit_test(only_the_head_of_a_link_is_checked),
        cmocka_unit_test(tags_are_refused_where_escaping_does_not_help),
        cmocka_unit_test(sections_enclose_whole_things),
        cmocka_unit_test(broken_tags_are_refused_with_their_line),
        cmocka_unit_test(parts_share_the_scope),
        cmocka_unit_test(only_the_frame_has_a_body),
        cmocka_unit_test(lists_in_lists_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
