#include "store/backup_zstd.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

#define LIBRARY "libzstd.so.1"

static fc_zstd lib;
static int whole;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_library(void)
{
    static const struct {
        const char *name;
        void *to;
    } symbols[] = {{"ZSTD_createCCtx", &lib.new_writer},  {"ZSTD_freeCCtx", &lib.free_writer},
                   {"ZSTD_CCtx_setParameter", &lib.set},  {"ZSTD_compressStream2", &lib.write},
                   {"ZSTD_createDCtx", &lib.new_reader},  {"ZSTD_freeDCtx", &lib.free_reader},
                   {"ZSTD_decompressStream", &lib.read},  {"ZSTD_isError", &lib.is_error},
                   {"ZSTD_getErrorName", &lib.error_name}};
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    whole = library != NULL;
    for (size_t i = 0; whole && i < sizeof symbols / sizeof *symbols; i++) {
        void *found = dlsym(library, symbols[i].name);
        *(void **)symbols[i].to = found;
        whole = found != NULL;
    }
}

const fc_zstd *fc_zstd_library(fc_err *err)
{
    pthread_once(&once, open_library);
    if (whole) return &lib;
    fc_fail(err, FC_EINTERNAL, "备份需要 %s；请安装软件包 libzstd1",
            "a backup needs %s; install the package libzstd1", LIBRARY);
    return NULL;
}
