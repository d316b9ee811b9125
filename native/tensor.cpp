// Tensors as handles: lifetime, facts, memory.
#include "sconce.h"

#include <ATen/Functions.h>

#include <algorithm>

struct TensorFacts {
    const int64_t* sizes;
    const int64_t* strides;
    int64_t elements;
    int64_t device;
    int32_t dimensions;
    int8_t dtype;
    int8_t layout;
    uint8_t requires_grad;
    uint8_t is_leaf;
    uint8_t is_lazy;  // a conjugate or negative view: the memory holds something else than the elements
};

SCONCE_API void sc_tensor_free(void* const* handles, int32_t count) {
    for (int32_t k = 0; k < count; k++) {
        if (handles[k]) c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(static_cast<TensorHandle>(handles[k]));
    }
}

// A second handle of the same tensor.
SCONCE_API void* sc_tensor_retain(void* handle) {
    return guarded<void*>(nullptr, [&] { return give(borrow(handle)); });
}

// What the tensor's numbers take in memory, at most its storage's bytes; 0 for those that have none of their own to count (sparse, meta).
SCONCE_API int64_t sc_tensor_bytes(void* handle) {
    return guarded<int64_t>(0, [&]() -> int64_t {
        auto* tensor = static_cast<TensorHandle>(handle);
        if (!tensor || tensor->layout() != c10::kStrided || tensor->device().is_meta() || !tensor->has_storage()) return 0;
        return std::min<int64_t>(tensor->numel() * static_cast<int64_t>(tensor->itemsize()), static_cast<int64_t>(tensor->storage().nbytes()));
    });
}

// sizes and strides point into the tensor: valid while it lives and keeps its shape; null for layouts without strides.
SCONCE_API int32_t sc_tensor_facts(void* handle, TensorFacts* facts) {
    return guarded<int32_t>(-1, [&] {
        at::Tensor tensor = borrow(handle);
        facts->sizes = tensor.sizes().data();
        facts->strides = tensor.layout() == c10::kStrided ? tensor.strides().data() : nullptr;
        facts->elements = tensor.numel();
        facts->device = pack(tensor.device());
        facts->dimensions = static_cast<int32_t>(tensor.dim());
        facts->dtype = static_cast<int8_t>(tensor.scalar_type());
        facts->layout = static_cast<int8_t>(tensor.layout());
        facts->requires_grad = tensor.requires_grad();
        facts->is_leaf = tensor.is_leaf();
        facts->is_lazy = tensor.is_conj() || tensor.is_neg();
        return 0;
    });
}

SCONCE_API void* sc_tensor_data(void* handle) {
    return guarded<void*>(nullptr, [&] { return borrow(handle).data_ptr(); });
}

// The address and size of the storage behind the tensor: equal for tensors that share memory.
SCONCE_API int32_t sc_tensor_storage(void* handle, void** address, int64_t* bytes, int64_t* offset) {
    return guarded<int32_t>(-1, [&] {
        at::Tensor tensor = borrow(handle);
        *bytes = static_cast<int64_t>(tensor.storage().nbytes());
        *offset = tensor.storage_offset();
        *address = const_cast<void*>(static_cast<const void*>(tensor.storage().data()));
        return 0;
    });
}

// A tensor over memory that another owns; `release(context)` is called once when the last view of it is gone.
SCONCE_API void* sc_tensor_over(void* data, const int64_t* sizes, const int64_t* strides, int32_t dimensions, int32_t dtype, int64_t device, void (*release)(void*), void* context) {
    return guarded<void*>(nullptr, [&]() -> void* {
        auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)).device(device_of(device));
        auto deleter = [release, context](void*) {
            if (release) release(context);
        };
        c10::IntArrayRef shape(sizes, dimensions);
        at::Tensor tensor = strides ? at::from_blob(data, shape, c10::IntArrayRef(strides, dimensions), deleter, options)
                                    : at::from_blob(data, shape, deleter, options);
        return give(std::move(tensor));
    });
}

// Makes `target` hold what `source` holds (dtype, device and shape included) and stay the same parameter.
SCONCE_API int32_t sc_tensor_set_data(void* target, void* source) {
    return guarded<int32_t>(-1, [&] {
        borrow(target).set_data(borrow(source));
        return 0;
    });
}

SCONCE_API int64_t sc_tensor_version(void* handle) {
    return guarded<int64_t>(-1, [&] { return static_cast<int64_t>(borrow(handle)._version()); });
}
