/* Completion for the Lua language server. It finds a module by its file, so host.d.lua and host_define.d.lua,
 * which declare all modules, are cut into one file each: DIR/.forecourt/api/host/db.lua; what belongs to no
 * module goes into types.lua and types_define.lua. Files of engines and of the test words go in as they are.
 */
#include "base/buf.h"
#include "verbs/doc.h"
#include "verbs/options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char luarc[] = "{\n"
                            "  \"runtime.version\": \"Lua 5.4\",\n"
                            "  \"runtime.path\": [\"?.lua\", \"plugins/?.lua\", \"packs/?.lua\"],\n"
                            "  \"workspace.library\": [\".forecourt/api\"],\n"
                            "  \"workspace.checkThirdParty\": false,\n"
                            "  \"diagnostics.disable\": [\"lowercase-global\"]\n"
                            "}\n";

static int write_below(const char *dir, const char *name, const fc_buf *text, fc_err *err)
{
    fc_buf path = {0};
    fc_buf_addf(&path, "%s/.forecourt/api/%s", dir, name);
    char *p = path.data, *slash = strrchr(p, '/');
    *slash = 0;
    int rc = fc_make_dirs(p, 0777, err);
    *slash = '/';
    if (!rc) rc = fc_write_file(p, text->data ? text->data : "", text->len, 0644, err);
    fc_buf_free(&path);
    return rc;
}

/* ---- cutting host.d.lua and its like */

typedef struct cutting {
    const char *dir;
    fc_buf block; /* the comment lines that are not placed yet */
    fc_buf module, types;
    char name[128], next[128], local[64];
    int rc;
    fc_err *err;
} cutting;

static void close_module(cutting *c)
{
    fc_buf text = {0};
    char file[160];
    if (!c->name[0] || c->rc) return;
    fc_buf_addf(&text, "---@meta %s\n", c->name);
    fc_buf_add(&text, fc_buf_str(&c->module), c->module.len);
    if (c->local[0]) fc_buf_addf(&text, "return %s\n", c->local);
    snprintf(file, sizeof file, "%s.lua", c->name);
    for (char *p = file; *p && strcmp(p, ".lua") != 0; p++)
        if (*p == '.') *p = '/';
    c->rc = write_below(c->dir, file, &text, c->err);
    fc_buf_free(&text);
    fc_buf_clear(&c->module);
    c->name[0] = c->local[0] = 0;
}

/* The name of the module that this comment line begins. */
static void begins(cutting *c, const char *s)
{
    static const char *const heads[] = {"---@class host.", "---require \"host.", NULL};
    for (const char *const *h = heads; *h; h++) {
        size_t n = strlen(*h);
        if (strncmp(s, *h, n) != 0 || s[n] < 'a' || s[n] > 'z') continue;
        snprintf(c->next, sizeof c->next, "host.%.*s", (int)strspn(s + n, "abcdefghijklmnopqrstuvwxyz_"),
                 s + n);
    }
}

static void place_block(cutting *c)
{
    if (c->next[0] && strcmp(c->next, c->name) != 0) {
        close_module(c);
        snprintf(c->name, sizeof c->name, "%s", c->next);
    }
    c->next[0] = 0;
    fc_buf *to = c->name[0] ? &c->module : &c->types;
    fc_buf_add(to, fc_buf_str(&c->block), c->block.len);
    fc_buf_clear(&c->block);
}

static void take_code(cutting *c, const char *s, size_t n)
{
    const char *name = strncmp(s, "local function ", 15) == 0 ? s + 15
                       : strncmp(s, "local ", 6) == 0         ? s + 6
                                                              : NULL;
    place_block(c);
    fc_buf *to = c->name[0] ? &c->module : &c->types;
    fc_buf_add(to, s, n);
    fc_buf_addc(to, '\n');
    if (name && c->name[0] && !c->local[0])
        snprintf(c->local, sizeof c->local, "%.*s", (int)strcspn(name, " (="), name);
}

static int cut(const char *dir, const char *text, const char *types_name, fc_err *err)
{
    cutting c = {.dir = dir, .err = err};
    for (const char *p = text, *end; *p && !c.rc; p = *end ? end + 1 : end) {
        end = strchrnul(p, '\n');
        size_t n = (size_t)(end - p);
        if (strncmp(p, "---@meta", 8) == 0) continue;
        if (strncmp(p, "---", 3) == 0 && p[3] != '-') {
            begins(&c, p);
            fc_buf_add(&c.block, p, n);
            fc_buf_addc(&c.block, '\n');
        } else if (n && strncmp(p, "--", 2) != 0) {
            take_code(&c, p, n);
        } else if (c.block.len) {
            place_block(&c);
        }
    }
    place_block(&c);
    close_module(&c);
    if (!c.rc) {
        fc_buf types = {0};
        fc_buf_adds(&types, "---@meta\n");
        fc_buf_add(&types, fc_buf_str(&c.types), c.types.len);
        c.rc = write_below(dir, types_name, &types, err);
        fc_buf_free(&types);
    }
    fc_buf_free(&c.block);
    fc_buf_free(&c.module);
    fc_buf_free(&c.types);
    return c.rc;
}

/* ---- the rest */

/* "---@meta survey.define" -> "survey/define.lua"; without a name the file's own. */
static void file_name(const char *path, const char *text, char *out, size_t cap)
{
    const char *base = strrchr(path, '/') + 1;
    if (strncmp(text, "---@meta ", 9) == 0)
        snprintf(out, cap, "%.*s.lua", (int)strcspn(text + 9, " \n"), text + 9);
    else
        snprintf(out, cap, "%.*s.lua", (int)(strlen(base) - 6), base);
    for (char *p = out; *p && strcmp(p, ".lua") != 0; p++)
        if (*p == '.') *p = '/';
}

static int write_one(const char *dir, const char *path, fc_err *err)
{
    fc_buf text = {0};
    char name[256];
    int rc = fc_read_file(path, 1 << 20, &text, err);
    file_name(path, fc_buf_str(&text), name, sizeof name);
    char types[300];
    int many = strcmp(name, "host.lua") == 0 || strncmp(name, "host_", 5) == 0;
    if (many) snprintf(types, sizeof types, "types%s", name + strlen("host"));
    if (!rc && many)
        rc = cut(dir, fc_buf_str(&text), types, err);
    else if (!rc)
        rc = write_below(dir, name, &text, err);
    fc_buf_free(&text);
    return rc;
}

static int write_luarc(const char *dir, fc_err *err)
{
    fc_buf path = {0}, old = {0};
    fc_buf_addf(&path, "%s/.luarc.json", dir);
    int rc = FC_OK, there = access(fc_buf_str(&path), F_OK) == 0;
    if (there) rc = fc_read_file(fc_buf_str(&path), 1 << 20, &old, err);
    if (there && !rc && strcmp(fc_buf_str(&old), luarc) != 0)
        printf(fc_say("%s 已经存在，没有改动：请在 workspace.library 里加上 \".forecourt/api\"\n",
                      "%s is there already and was left as it is: add \".forecourt/api\" to its "
                      "workspace.library\n"),
               fc_buf_str(&path));
    else if (!there)
        rc = fc_write_file(fc_buf_str(&path), luarc, sizeof luarc - 1, 0644, err);
    fc_buf_free(&path);
    fc_buf_free(&old);
    return rc;
}

int fc_doc_luals(const char *dir, const json_t *files)
{
    fc_err err;
    size_t i;
    json_t *path;
    int rc = FC_OK;
    if (access(dir, W_OK) != 0)
        rc = fc_fail(&err, FC_ENOTFOUND, "%s: 没有这个文件夹，或不能写入",
                     "%s: there is no such folder, or it cannot be written", dir);
    json_array_foreach((json_t *)files, i, path) if (!rc) rc = write_one(dir, json_string_value(path), &err);
    if (!rc) rc = write_luarc(dir, &err);
    if (rc) return fc_failed(&err);
    printf(fc_say("已写入 %s/.forecourt/api；用编辑器打开 %s 即有补全\n",
                  "written to %s/.forecourt/api; open %s in an editor to have completion\n"),
           dir, dir);
    return 0;
}
