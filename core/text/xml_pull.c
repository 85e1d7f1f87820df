/* Happy path: unpack 64 KiB into expat's own buffer, parse; expat calls the handlers; a pause suspends it in
 * the middle of the buffer and the next call resumes there.
 *
 * expat keeps a tag that is not complete yet, and reads it again with each piece; the bound on the distance
 * between what was fed and what was understood keeps both from growing. */
#include "text/xml_pull.h"
#include "base/buf.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 65536
#define MAX_DEPTH 64
#define MAX_TOKEN (1024 * 1024)

struct fc_xml {
    fc_zip *zip;
    const char *place;
    fc_xml_handlers on;
    void *ctx;
    XML_Parser parser;
    int64_t fed;
    int depth, suspended, finished, forbidden;
    fc_err failure;
};

static const char *local(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

static void on_start(void *user, const XML_Char *name, const XML_Char **attrs)
{
    fc_xml *x = user;
    if (++x->depth > MAX_DEPTH) {
        x->forbidden = 1;
        XML_StopParser(x->parser, XML_FALSE);
        return;
    }
    x->on.start(x->ctx, local(name), attrs);
}

static void on_end(void *user, const XML_Char *name)
{
    fc_xml *x = user;
    x->depth--;
    x->on.end(x->ctx, local(name));
}

static void on_text(void *user, const XML_Char *s, int n)
{
    fc_xml *x = user;
    if (!x->failure.code) x->on.text(x->ctx, s, n);
}

static void on_doctype(void *user, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid,
                       int internal)
{
    fc_xml *x = user;
    (void)name, (void)sysid, (void)pubid, (void)internal;
    x->forbidden = 1;
    XML_StopParser(x->parser, XML_FALSE);
}

fc_xml *fc_xml_open(fc_zip *zip, const char *place, const fc_xml_handlers *handlers, void *ctx)
{
    fc_xml *x = fc_alloc(sizeof *x);
    *x = (fc_xml){.zip = zip, .place = place, .on = *handlers, .ctx = ctx, .parser = XML_ParserCreate(NULL)};
    if (!x->parser) return x; /* fc_xml_go says so */
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_start, on_end);
    if (handlers->text) XML_SetCharacterDataHandler(x->parser, on_text);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
    return x;
}

void fc_xml_close(fc_xml *x)
{
    if (!x) return;
    if (x->parser) XML_ParserFree(x->parser);
    free(x);
}

void fc_xml_pause(fc_xml *x)
{
    XML_StopParser(x->parser, XML_TRUE);
}

void fc_xml_finish(fc_xml *x)
{
    x->finished = 1;
    XML_StopParser(x->parser, XML_FALSE);
}

fc_err *fc_xml_fail(fc_xml *x)
{
    XML_StopParser(x->parser, XML_FALSE);
    return &x->failure;
}

static int fail_xml(fc_xml *x, fc_err *err)
{
    if (x->forbidden)
        return fc_fail(
            err, FC_EINVAL, "%s: 含有工作簿里不该有的 XML（DOCTYPE 或过深的嵌套）；请在 Excel 中重新保存",
            "%s: holds XML that no workbook has (DOCTYPE or too deep nesting); save it again in Excel",
            x->place);
    return fc_fail(err, FC_EINVAL, "%s: 工作簿已损坏（XML 第 %lu 行：%s）；请在 Excel 中打开并重新保存",
                   "%s: the workbook is damaged (XML line %lu: %s); open it in Excel and save it again",
                   x->place, (unsigned long)XML_GetCurrentLineNumber(x->parser),
                   XML_ErrorString(XML_GetErrorCode(x->parser)));
}

static int feed(fc_xml *x, enum XML_Status *status, fc_err *err)
{
    size_t n;
    void *piece = XML_GetBuffer(x->parser, PIECE);
    if (!piece) return fc_fail(err, FC_ENOMEM, "%s: 内存不足", "%s: not enough memory", x->place);
    int rc = fc_zip_read(x->zip, piece, PIECE, &n, err);
    if (rc != FC_OK) return rc;
    *status = XML_ParseBuffer(x->parser, (int)n, n == 0);
    x->fed += (int64_t)n;
    if (*status == XML_STATUS_OK && x->fed - XML_GetCurrentByteIndex(x->parser) > MAX_TOKEN) {
        x->forbidden = 1;
        return fail_xml(x, err);
    }
    return FC_OK;
}

static void note_status(fc_xml *x, enum XML_Status status)
{
    XML_ParsingStatus now;
    XML_GetParsingStatus(x->parser, &now);
    x->suspended = status == XML_STATUS_SUSPENDED;
    if (status == XML_STATUS_OK && now.parsing == XML_FINISHED) x->finished = 1;
}

int fc_xml_go(fc_xml *x, int *ended, fc_err *err)
{
    if (!x->parser) return fc_fail(err, FC_ENOMEM, "%s: 内存不足", "%s: not enough memory", x->place);
    for (;;) {
        enum XML_Status status = XML_STATUS_OK;
        *ended = x->finished;
        if (x->finished) return FC_OK;
        int rc = FC_OK;
        if (x->suspended)
            status = XML_ResumeParser(x->parser);
        else
            rc = feed(x, &status, err);
        note_status(x, status);
        if (x->failure.code) {
            if (err) *err = x->failure;
            return x->failure.code;
        }
        if (rc != FC_OK || x->suspended) return rc;
        if (status == XML_STATUS_ERROR && !x->finished) return fail_xml(x, err);
    }
}

const char *fc_xml_attr(const char **attrs, const char *name)
{
    for (; *attrs; attrs += 2)
        if (strcmp(local(attrs[0]), name) == 0) return attrs[1];
    return NULL;
}
