/* A conversation with a site: each line is a call of its own in one throwaway state, over the plugins as
 * their folders are now. What is in force on the site is not touched: the plugins are loaded over a store in
 * memory, and the lines then read the site's real one, which refuses to be written unless --write was given
 * and said yes to. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "plugin/world.h"
#include "verbs/line.h"
#include "verbs/loose.h"
#include "verbs/options.h"
#include "verbs/session.h"
#include "verbs/verbs.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_NS (10 * 1000000000LL) /* CPU: who waits at a prompt gives up sooner than a script */

typedef struct repl {
    fc_site *loaded; /* whose plugins run */
    fc_site *real;   /* whose rows are read; NULL: the same */
    fc_loose loose;
    fc_vm *vm;
    const char *dir, *dealership;
    int write, failed;
    fc_buf code; /* lines that are not complete yet */
} repl;

/* ---- the site */

/* The real rows and keys under the plugins that were loaded in memory; given back before they are closed. */
static void swap_stores(repl *r)
{
    fc_dealership *a = r->loose.d, *b = r->real ? fc_site_dealership(r->real, a->id, NULL) : NULL;
    if (!b) return;
    fc_store *store = a->store, *site = r->loaded->store;
    fc_vault *vault = a->vault;
    a->store = b->store;
    a->vault = b->vault;
    r->loaded->store = r->real->store;
    b->store = store;
    b->vault = vault;
    r->real->store = site;
}

static void close_site(repl *r)
{
    if (r->vm) fc_vm_free(r->vm);
    r->vm = NULL;
    if (r->loose.d) swap_stores(r);
    r->loose.d = NULL;
    fc_site_close(r->loaded);
    fc_site_close(r->real);
    r->loaded = r->real = NULL;
}

static int find_as(repl *r, fc_err *err)
{
    if (!r->loose.as || fc_live_gen(r->loose.d->live, r->loose.as)) return FC_OK;
    return fc_fail(err, FC_ENOTFOUND, "没有插件 %s，或它不能用（forecourt check %s）",
                   "there is no plugin %s, or it cannot be used (forecourt check %s)", r->loose.as,
                   r->loose.as);
}

static void read_only(repl *r)
{
    fc_store_read_only(r->loaded->store);
    fc_store_read_only(r->loose.d->store);
    fc_keys_read_only(fc_vault_keys(r->loose.d->vault));
}

static int open_site(repl *r, fc_err *err)
{
    int rc = r->dir ? fc_site_open(r->dir, FC_SITE_OPEN, r->write ? &r->loaded : &r->real, err) : FC_OK;
    if (!rc && !r->loaded) rc = fc_site_open(r->dir, FC_SITE_MEMORY, &r->loaded, err);
    if (!rc) rc = fc_site_load(r->loaded, NULL, err);
    if (!rc && !(r->loose.d = fc_site_dealership(r->loaded, r->dealership, err))) rc = err->code;
    if (!rc) swap_stores(r);
    if (!rc && r->real) read_only(r);
    if (!rc) rc = find_as(r, err);
    if (rc) close_site(r);
    return rc;
}

/* ---- a line */

static void say_fault(repl *r, const fc_fault *f)
{
    const char *place = f->place[0] ? f->place : f->here;
    /* the conversation's own line is the one above */
    if (strncmp(place, "repl.lua:", 9) == 0 || strncmp(place, "host/", 5) == 0) place = "";
    printf("%s%s%s\n", place, *place ? ": " : "", fc_process_lang() == FC_EN ? f->en : f->zh);
    r->failed = 1;
}

/* As a long string of Lua, whatever stands in it. */
static void add_long(fc_buf *b, const char *text)
{
    char close[40] = "]";
    int level = 0;
    do {
        size_t n = (size_t)++level;
        memset(close + 1, '=', n);
        close[n + 1] = ']';
        close[n + 2] = 0;
    } while (level < 30 && strstr(text, close));
    fc_buf_addf(b, "[%.*s[\n%s%s", level, close + 1, text, close);
}

static json_t *call(repl *r, const fc_buf *chunk, fc_fault *fault)
{
    fc_err err;
    if (!r->vm) {
        r->vm = fc_loose_vm(&r->loose, "repl");
        fc_vm_repl(r->vm);
    }
    fc_call *c = fc_verb_call(r->loose.d, NULL, LINE_NS, &err);
    json_t *values = fc_call_chunk(c, r->vm, chunk->data, chunk->len, "repl.lua", fault);
    fc_world_call_free(c);
    if (fc_vm_spoiled(r->vm)) {
        fc_vm_free(r->vm);
        r->vm = NULL;
        printf("%s\n", fc_say("（状态已重建，之前设的变量没有了）",
                              "(the state was made anew; what you had set is gone)"));
    }
    fc_dealership_heal(r->loose.d);
    json_t *first = json_incref(json_array_get(values, 0));
    json_decref(values);
    return first;
}

/* 1 if the line is complete. */
static int answer(repl *r, const fc_buf *chunk)
{
    fc_fault fault = {0};
    json_t *got = call(r, chunk, &fault);
    int more = json_is_true(json_object_get(got, "more"));
    const char *text = json_string_value(json_object_get(got, "text"));
    if (!got) say_fault(r, &fault);
    if (text && *text) printf("%s\n", text);
    json_decref(got);
    return !more;
}

static void run_line(repl *r, const char *line)
{
    fc_buf chunk = {0};
    if (r->code.len) fc_buf_addc(&r->code, '\n');
    fc_buf_adds(&r->code, line);
    fc_buf_adds(&chunk, "return fc_repl.run(");
    add_long(&chunk, fc_buf_str(&r->code));
    fc_buf_adds(&chunk, ", require)");
    if (answer(r, &chunk)) fc_buf_clear(&r->code);
    fc_buf_free(&chunk);
}

/* ---- what begins with a colon */

static void help(void)
{
    printf("%s\n", fc_say(":why 编号    解释一条决定\n:doc 名称    说明模块、函数或扩展点\n:reload      "
                          "重新读取插件\n:quit        结束（或 Ctrl-D）",
                          ":why ID      explains a decision\n:doc NAME    tells what a module, function or "
                          "point is\n:reload      reads the "
                          "plugins again\n:quit        ends (or Ctrl-D)"));
}

static void why(repl *r, const char *id)
{
    fc_buf chunk = {0};
    if (!*id || strspn(id, "0123456789") != strlen(id) || strlen(id) > 18) {
        printf("%s\n", fc_say(":why 后面要写决定的编号（forecourt tail 会显示）",
                              ":why needs the number of a decision (forecourt tail shows it)"));
        r->failed = 1;
        return;
    }
    fc_buf_addf(&chunk, "return fc_repl.why(%s)", id);
    answer(r, &chunk);
    fc_buf_free(&chunk);
}

static void print_problems(const repl *r)
{
    size_t i;
    json_t *p;
    json_array_foreach(r->loose.d->problems, i, p)
        printf("%s: %s\n", json_string_value(json_object_get(p, "at")),
               json_string_value(json_object_get(p, fc_process_lang() == FC_EN ? "en" : "zh")));
}

/* 0 when the conversation is over. */
static int command(repl *r, const char *line)
{
    const char *rest = line + strcspn(line, " ");
    size_t n = (size_t)(rest - line);
    rest += strspn(rest, " ");
    if (strncmp(line, ":quit", n) == 0 && n > 1) return 0;
    if (strncmp(line, ":why", n) == 0 && n > 1) {
        why(r, rest);
    } else if (strncmp(line, ":doc", n) == 0 && n > 1) {
        char *argv[] = {(char[]){"doc"}, fc_strdup(rest), NULL};
        fc_verb_doc(*rest ? 2 : 1, argv);
        free(argv[1]);
    } else if (strncmp(line, ":reload", n) == 0 && n > 1) {
        fc_err err;
        close_site(r);
        if (open_site(r, &err)) return fc_failed(&err), r->failed = 1, 0;
        print_problems(r);
    } else {
        help();
    }
    return 1;
}

static void converse(repl *r)
{
    char *line;
    while ((line = fc_line_read(r->code.len ? ">> " : "> "))) {
        fc_line_keep(line);
        int go_on = 1;
        if (!r->code.len && line[0] == ':')
            go_on = command(r, line);
        else if (line[strspn(line, " \t")] || r->code.len)
            run_line(r, line);
        fflush(stdout);
        free(line);
        if (!go_on) break;
    }
    if (r->code.len) {
        printf("%s\n", fc_say("最后一行没有写完", "the last line is not complete"));
        r->failed = 1;
    }
}

/* ---- beginning */

static int said_yes(const char *dir)
{
    char word[16] = "";
    fprintf(stderr,
            fc_say("--write 会直接更改 %s 的数据。继续请输入 yes：",
                   "--write changes the data of %s directly. Type yes to go on: "),
            dir);
    return fgets(word, sizeof word, stdin) && strcmp(word, "yes\n") == 0;
}

static void audit(repl *r)
{
    fc_value v[] = {fc_int(fc_id()), fc_int(fc_now()), fc_text(fc_cli_login()), fc_text("cli.repl"),
                    fc_text(r->loose.as)};
    fc_run(r->loose.d->store, "INSERT INTO host_audit (id, at, actor, what, subject) VALUES (?, ?, ?, ?, ?)",
           v, 5, NULL, NULL);
}

static void greet(const repl *r)
{
    printf(fc_say("%s，%s。:help 有说明\n", "%s, %s. :help tells more\n"),
           r->dir ? r->dir : fc_say("内存中的站点", "a site in memory"),
           !r->dir    ? fc_say("随时可丢", "gone at the end")
           : r->write ? fc_say("可以写", "writing")
                      : fc_say("只读", "only reading"));
    print_problems(r);
}

int fc_verb_repl(int argc, char **argv)
{
    repl r = {0};
    const char *write = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹，若它是站点；否则内存中）",
         "site folder (default: this one if it is a site, else in memory)", &r.dir},
        {"dealership", "ID", "哪家店", "which dealership", &r.dealership},
        {"as", "PLUGIN", "以这个插件的许可", "with this plugin's permissions", &r.loose.as},
        {"write", NULL, "可以写数据库（会先询问）", "may write the database (asks first)", &write},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {"repl",
                            "",
                            "一行一行地试 Lua：状态随时可丢，数据库默认只读。",
                            "Tries Lua line by line: a throwaway state, the database only read.",
                            options,
                            0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    if (argc > 1) return fc_wrong_use(&usage, "多余的参数 %s", "unexpected argument %s", argv[1]);
    if (!r.dir && access("site.lua", F_OK) == 0) r.dir = ".";
    r.write = write && r.dir;
    if (r.write && !said_yes(r.dir)) return 1;
    fc_err err;
    int person = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    fc_log_level(FC_WARN);
    if (open_site(&r, &err)) return fc_failed(&err);
    if (r.write) audit(&r);
    fc_line_open(person);
    if (person) greet(&r);
    converse(&r);
    fc_buf_free(&r.code);
    close_site(&r);
    return r.failed && !person;
}
