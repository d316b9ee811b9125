// The C ABI between Sconce.Torch and libtorch: what every file here shares.
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#define SCONCE_API extern "C" __attribute__((visibility("default")))

// One argument or result of a boxed call. Mirrors Sconce.Torch.Value, field by field.
enum Tag : int32_t {
    TagNone = 0,
    TagTensor = 1,
    TagInt = 2,
    TagDouble = 3,
    TagBool = 4,
    TagComplex = 5,
    TagString = 6,
    TagIntList = 7,
    TagDoubleList = 8,
    TagBoolList = 9,
    TagTensorList = 10,
    TagOptionalTensorList = 11,
    TagDevice = 12,
    TagGenerator = 13,
    TagScalarList = 14,
    TagStringList = 15,
    TagObject = 16,
};

struct Value {
    int32_t tag;
    int32_t count;
    union {
        int64_t integer;
        double real;
        void* pointer;
    };
    double imaginary;
};

// A managed tensor holds one reference to a TensorImpl: no second allocation stands between.
using TensorHandle = c10::TensorImpl*;

inline at::Tensor borrow(void* handle) {
    if (!handle) throw std::invalid_argument("a tensor is missing (null)");
    return at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim_copy(static_cast<TensorHandle>(handle)));
}

inline at::Tensor borrow_or_undefined(void* handle) { return handle ? borrow(handle) : at::Tensor(); }

inline void* give(at::Tensor tensor) {
    return tensor.defined() ? static_cast<void*>(tensor.unsafeReleaseTensorImpl()) : nullptr;
}

inline c10::Device device_of(int64_t packed) {
    return c10::Device(static_cast<c10::DeviceType>(packed >> 32), static_cast<c10::DeviceIndex>(static_cast<int8_t>(packed & 0xff)));
}

inline int64_t pack(c10::Device device) {
    return (static_cast<int64_t>(device.type()) << 32) | static_cast<uint8_t>(device.index());
}

void set_error(const char* message);
char* copy_text(const std::string& text);

// Runs `body`; a C++ exception becomes the thread's error text and `failure`.
template <typename Result, typename Body>
Result guarded(Result failure, Body&& body) {
    try {
        return body();
    } catch (const c10::Error& error) {
        set_error(error.what_without_backtrace());
    } catch (const std::exception& error) {
        set_error(error.what());
    } catch (...) {
        set_error("libtorch threw something that is no std::exception");
    }
    return failure;
}
