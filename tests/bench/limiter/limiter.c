/* A chunk that computes, as a request in a served worker: bench_limiter STORE CHUNK. It is preempted and goes
 * on as any other. Prints ms of CPU of the loop's thread, what the chunk returned, and its turns. */
#include "host.h"

static int64_t sum;
static long turns;

static void soon(void (*fn)(void *), void *ctx)
{
    turns++;
    fc_soon(loop, fn, ctx);
}

static void done(fc_call *c, json_t *result, const fc_fault *fault)
{
    (void)c;
    bench_ended(fault);
    sum = json_integer_value(json_array_get(result, 0));
    fc_loop_stop(loop);
}

static fc_call call;
static const char *chunk;

static void begin(void *ctx)
{
    (void)ctx;
    call =
        (fc_call){.world = &bench_world, .store = store, .budget_ns = 600 * 1000000000LL, .roles = no_args};
    open_calls++;
    fc_call_text(&call, vm, chunk, strlen(chunk), "chunk", done);
}

static char *whole(const char *path)
{
    static char text[65536];
    FILE *f = fopen(path, "re");
    if (!f) exit(1);
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    return text;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: bench_limiter STORE CHUNK\n");
        return 2;
    }
    bench_open(argv[1], "return {}");
    bench_world.soon = soon;
    chunk = whole(argv[2]);
    fc_soon(loop, begin, NULL);
    int64_t began = fc_cpu();
    fc_loop_run(loop, 0);
    printf("%.2f %lld %ld\n", (double)(fc_cpu() - began) / 1e6, (long long)sum, turns);
    bench_close();
    return 0;
}
