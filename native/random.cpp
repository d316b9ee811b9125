// Random numbers: seeded generators and their states.
#include "sconce.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

#include <mutex>

namespace {
at::Generator generator(void* handle) {
    return at::Generator(c10::intrusive_ptr<c10::GeneratorImpl>::reclaim_copy(static_cast<c10::GeneratorImpl*>(handle)));
}
}  // namespace

// A generator of its own on `device`, seeded.
SCONCE_API void* sc_generator_new(int64_t device, uint64_t seed) {
    return guarded<void*>(nullptr, [&]() -> void* {
        auto where = device_of(device);
        at::Generator made = where.is_cpu() ? at::detail::createCPUGenerator(seed) : at::globalContext().defaultGenerator(where).clone();
        made.set_current_seed(seed);
        return made.unsafeReleaseGeneratorImpl();
    });
}

// The generator that operators use when none is named.
SCONCE_API void* sc_generator_default(int64_t device) {
    return guarded<void*>(nullptr, [&]() -> void* {
        at::Generator shared = at::globalContext().defaultGenerator(device_of(device));
        return shared.unsafeReleaseGeneratorImpl();
    });
}

SCONCE_API void sc_generator_free(void* handle) { c10::intrusive_ptr<c10::GeneratorImpl>::reclaim(static_cast<c10::GeneratorImpl*>(handle)); }

SCONCE_API int32_t sc_generator_seed(void* handle, uint64_t seed) {
    return guarded<int32_t>(-1, [&] {
        auto target = generator(handle);
        std::lock_guard<std::mutex> lock(target.mutex());
        target.set_current_seed(seed);
        return 0;
    });
}

SCONCE_API int32_t sc_generator_current_seed(void* handle, uint64_t* seed) {
    return guarded<int32_t>(-1, [&] {
        *seed = generator(handle).current_seed();
        return 0;
    });
}

SCONCE_API void* sc_generator_state(void* handle) {
    return guarded<void*>(nullptr, [&] {
        auto source = generator(handle);
        std::lock_guard<std::mutex> lock(source.mutex());
        return give(source.get_state());
    });
}

SCONCE_API int32_t sc_generator_set_state(void* handle, void* state) {
    return guarded<int32_t>(-1, [&] {
        auto target = generator(handle);
        std::lock_guard<std::mutex> lock(target.mutex());
        target.set_state(borrow(state));
        return 0;
    });
}
