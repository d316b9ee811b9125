// Autocast. It depends on the version: libtorch to 2.3 has a function for each device, later ones take the device.
#include "sconce.h"

#include <ATen/autocast_mode.h>
#include <torch/csrc/api/include/torch/version.h>

// Autocast for this thread and one device type; dtype below 0 switches it off. Nesting is the caller's to restore.
SCONCE_API int32_t sc_autocast(int32_t device_type, int32_t dtype) {
    return guarded<int32_t>(-1, [&] {
        auto type = static_cast<at::ScalarType>(dtype);
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
        auto device = static_cast<at::DeviceType>(device_type);
        if (dtype >= 0) at::autocast::set_autocast_dtype(device, type);
        at::autocast::set_autocast_enabled(device, dtype >= 0);
#else
        if (static_cast<at::DeviceType>(device_type) == at::kCPU) {
            if (dtype >= 0) at::autocast::set_autocast_cpu_dtype(type);
            at::autocast::set_cpu_enabled(dtype >= 0);
        } else {
            if (dtype >= 0) at::autocast::set_autocast_gpu_dtype(type);
            at::autocast::set_enabled(dtype >= 0);
        }
#endif
        if (dtype < 0) at::autocast::clear_cache();
        return 0;
    });
}
