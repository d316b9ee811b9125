// Autograd: the gradient tape and its modes.
#include "sconce.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/grad_mode.h>

namespace {
std::vector<at::Tensor> list_of(void* const* handles, int32_t count) {
    std::vector<at::Tensor> tensors;
    tensors.reserve(count);
    for (int32_t k = 0; k < count; k++) tensors.push_back(borrow_or_undefined(handles[k]));
    return tensors;
}
}  // namespace

SCONCE_API int32_t sc_requires_grad(void* handle, int32_t on) {
    return guarded<int32_t>(-1, [&] {
        borrow(handle).set_requires_grad(on != 0);
        return 0;
    });
}

// The accumulated gradient of a leaf, or null.
SCONCE_API void* sc_grad_of(void* handle) {
    return guarded<void*>(nullptr, [&] { return give(borrow(handle).grad()); });
}

// The name of the recorded operator that made the tensor, such as AddBackward0; null for a leaf.
SCONCE_API char* sc_grad_name(void* handle) {
    return guarded<char*>(nullptr, [&]() -> char* {
        auto node = borrow(handle).grad_fn();
        if (!node) return nullptr;
        std::string name = node->name();
        auto colons = name.rfind("::");
        return copy_text(colons == std::string::npos ? name : name.substr(colons + 2));
    });
}

SCONCE_API int32_t sc_set_grad_of(void* handle, void* gradient) {
    return guarded<int32_t>(-1, [&] {
        borrow(handle).mutable_grad() = borrow_or_undefined(gradient);
        return 0;
    });
}

SCONCE_API int32_t sc_backward(void* const* outputs, void* const* output_gradients, int32_t count, void* const* inputs, int32_t input_count, int32_t retain, int32_t create) {
    return guarded<int32_t>(-1, [&] {
        torch::autograd::backward(list_of(outputs, count), list_of(output_gradients, count), retain != 0, create != 0, list_of(inputs, input_count));
        return 0;
    });
}

// Gradients of `inputs` into `results` (owned by the caller; null where unused and allowed).
SCONCE_API int32_t sc_grad(void* const* outputs, void* const* output_gradients, int32_t count, void* const* inputs, int32_t input_count, int32_t retain, int32_t create, int32_t allow_unused, void** results) {
    return guarded<int32_t>(-1, [&] {
        auto gradients = torch::autograd::grad(list_of(outputs, count), list_of(inputs, input_count), list_of(output_gradients, count), retain != 0, create != 0, allow_unused != 0);
        for (size_t k = 0; k < gradients.size(); k++) results[k] = give(std::move(gradients[k]));
        return 0;
    });
}

SCONCE_API int32_t sc_grad_enabled() { return c10::GradMode::is_enabled(); }
SCONCE_API void sc_set_grad_enabled(int32_t on) { c10::GradMode::set_enabled(on != 0); }

// Enters inference mode (or, with 0, leaves an outer one) until the guard is given back on the same thread, innermost first.
SCONCE_API void* sc_inference_enter(int32_t on) {
    return guarded<void*>(nullptr, [&] { return static_cast<void*>(new c10::InferenceMode(on != 0)); });
}

SCONCE_API void sc_inference_exit(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }
SCONCE_API int32_t sc_inference_enabled() { return c10::InferenceMode::is_enabled(); }
