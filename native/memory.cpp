// Watching the tensor allocator of this thread: bytes live and their peak since the watch began. It depends on the version: libtorch 2 gives the totals as
// other types than 1.13.
#include "sconce.h"

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <torch/csrc/api/include/torch/version.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace {

struct MemoryWatch {
    int64_t live = 0;
    int64_t peak = 0;
};

// What libtorch tells of a thread's allocations, and of those of the threads that work for it. One a thread, for all its watches: libtorch's own guards
// can be taken off only in order and on their thread, and a watch may be closed anywhere.
struct Reporter final : c10::MemoryReportingInfoBase {
    std::mutex gate;
    std::vector<std::shared_ptr<MemoryWatch>> watches;

#if TORCH_VERSION_MAJOR >= 2
    void reportMemoryUsage(void*, int64_t size, size_t, size_t, c10::Device) override {
#else
    void reportMemoryUsage(void*, int64_t size, int64_t, int64_t, c10::Device) override {
#endif
        std::lock_guard<std::mutex> lock(gate);
        for (auto& watch : watches) {
            watch->live += size;
            watch->peak = std::max(watch->peak, watch->live);
        }
    }

    bool memoryProfilingEnabled() const override { return true; }
};

struct Watching {
    std::shared_ptr<Reporter> reporter;
    std::shared_ptr<MemoryWatch> watch = std::make_shared<MemoryWatch>();
};

auto kind() { return c10::DebugInfoKind::PROFILER_STATE; }   // a constant of an enumeration in libtorch 1.13 and 2.6, of a class in 2.14

std::shared_ptr<Reporter> reporter_of_this_thread() {
    static thread_local std::shared_ptr<Reporter> reporter;
    if (!reporter) reporter = std::make_shared<Reporter>();
    if (c10::ThreadLocalDebugInfo::get(kind()) != reporter.get()) c10::ThreadLocalDebugInfo::_push(kind(), reporter);
    return reporter;
}

}  // namespace

SCONCE_API void* sc_memory_watch() {
    return guarded<void*>(nullptr, [] {
        auto* watching = new Watching{reporter_of_this_thread()};
        std::lock_guard<std::mutex> lock(watching->reporter->gate);
        watching->reporter->watches.push_back(watching->watch);
        return static_cast<void*>(watching);
    });
}

SCONCE_API void sc_memory_read(void* watching, int64_t* live, int64_t* peak) {
    auto& source = *static_cast<Watching*>(watching);
    std::lock_guard<std::mutex> lock(source.reporter->gate);
    *live = source.watch->live;
    *peak = source.watch->peak;
}

SCONCE_API void sc_memory_unwatch(void* watching) {
    std::unique_ptr<Watching> source(static_cast<Watching*>(watching));
    auto& reporter = *source->reporter;
    bool last;
    {
        std::lock_guard<std::mutex> lock(reporter.gate);
        reporter.watches.erase(std::remove(reporter.watches.begin(), reporter.watches.end(), source->watch), reporter.watches.end());
        last = reporter.watches.empty();
    }
    guarded<int32_t>(-1, [&] {   // closed on another thread, the reporter stays with its own, and watches nothing
        if (last && c10::ThreadLocalDebugInfo::get(kind()) == &reporter) c10::ThreadLocalDebugInfo::_pop(kind());
        return 0;
    });
}
