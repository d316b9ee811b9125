// The door: any operator of libtorch through c10's boxed dispatcher.
#include "operation.h"
#include "sconce.h"

#include <ATen/core/Generator.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>

using c10::IValue;

namespace {

IValue scalar_value(const Value& value) {
    switch (value.tag) {
        case TagInt: return IValue(value.integer);
        case TagDouble: return IValue(value.real);
        case TagBool: return IValue(value.integer != 0);
        case TagComplex: return IValue(c10::complex<double>(value.real, value.imaginary));
        default: throw std::invalid_argument("a scalar list holds something that is no scalar");
    }
}

IValue to_ivalue(const Value& value) {
    switch (value.tag) {
        case TagNone: return IValue();
        case TagTensor: return IValue(borrow(value.pointer));
        case TagInt:
        case TagDouble:
        case TagBool:
        case TagComplex: return scalar_value(value);
        case TagString: return IValue(std::string(static_cast<const char*>(value.pointer), value.count));
        case TagIntList: return IValue(c10::IntArrayRef(static_cast<const int64_t*>(value.pointer), value.count));
        case TagDoubleList: return IValue(c10::ArrayRef<double>(static_cast<const double*>(value.pointer), value.count));
        case TagBoolList: {
            c10::List<bool> list;
            for (int32_t k = 0; k < value.count; k++) list.push_back(static_cast<const uint8_t*>(value.pointer)[k] != 0);
            return IValue(std::move(list));
        }
        case TagTensorList: {
            c10::List<at::Tensor> list;
            list.reserve(value.count);
            for (int32_t k = 0; k < value.count; k++) {
                void* handle = static_cast<void**>(value.pointer)[k];
                if (!handle) throw std::invalid_argument("tensor " + std::to_string(k) + " of a list of " + std::to_string(value.count) + " is missing (null)");
                list.push_back(borrow(handle));
            }
            return IValue(std::move(list));
        }
        case TagOptionalTensorList: {
            c10::List<c10::optional<at::Tensor>> list;
            list.reserve(value.count);
            for (int32_t k = 0; k < value.count; k++) {
                void* handle = static_cast<void**>(value.pointer)[k];
                list.push_back(handle ? c10::optional<at::Tensor>(borrow(handle)) : c10::optional<at::Tensor>());
            }
            return IValue(std::move(list));
        }
        case TagDevice: return IValue(device_of(value.integer));
        case TagGenerator:
            return IValue(at::Generator(c10::intrusive_ptr<c10::GeneratorImpl>::reclaim_copy(static_cast<c10::GeneratorImpl*>(value.pointer))));
        case TagScalarList: {
            auto list = c10::impl::GenericList(c10::NumberType::get());
            for (int32_t k = 0; k < value.count; k++) list.push_back(scalar_value(static_cast<const Value*>(value.pointer)[k]));
            return IValue(std::move(list));
        }
        case TagStringList: {
            c10::List<std::string> list;
            for (int32_t k = 0; k < value.count; k++) {
                const Value& item = static_cast<const Value*>(value.pointer)[k];
                list.push_back(std::string(static_cast<const char*>(item.pointer), item.count));
            }
            return IValue(std::move(list));
        }
        case TagObject: return *static_cast<IValue*>(value.pointer);
        default: throw std::invalid_argument("an argument of a kind that the door does not know");
    }
}

template <typename Item>
Item* allocate(size_t count) {
    auto* memory = static_cast<Item*>(std::malloc(std::max<size_t>(count, 1) * sizeof(Item)));
    if (!memory) throw std::bad_alloc();
    return memory;
}

void from_ivalue(IValue&& value, Value& out) {
    out.count = 0;
    out.integer = 0;
    if (value.isTensor()) {
        at::Tensor tensor = std::move(value).toTensor();
        out.tag = tensor.defined() ? TagTensor : TagNone;
        out.pointer = give(std::move(tensor));
    } else if (value.isNone()) {
        out.tag = TagNone;
    } else if (value.isInt()) {
        out.tag = TagInt;
        out.integer = value.toInt();
    } else if (value.isDouble()) {
        out.tag = TagDouble;
        out.real = value.toDouble();
    } else if (value.isBool()) {
        out.tag = TagBool;
        out.integer = value.toBool();
    } else if (value.isComplexDouble()) {
        auto number = value.toComplexDouble();
        out.tag = TagComplex;
        out.real = number.real();
        out.imaginary = number.imag();
    } else if (value.isDevice()) {
        out.tag = TagDevice;
        out.integer = pack(value.toDevice());
    } else if (value.isString()) {
        const std::string& text = value.toStringRef();
        out.tag = TagString;
        out.count = static_cast<int32_t>(text.size());
        out.pointer = copy_text(text);
    } else if (value.isTensorList()) {
        auto list = std::move(value).toTensorVector();
        auto* handles = allocate<void*>(list.size());
        for (size_t k = 0; k < list.size(); k++) handles[k] = give(std::move(list[k]));
        out.tag = TagTensorList;
        out.count = static_cast<int32_t>(list.size());
        out.pointer = handles;
    } else if (value.isIntList()) {
        auto list = value.toIntVector();
        auto* items = allocate<int64_t>(list.size());
        std::memcpy(items, list.data(), list.size() * sizeof(int64_t));
        out.tag = TagIntList;
        out.count = static_cast<int32_t>(list.size());
        out.pointer = items;
    } else if (value.isDoubleList()) {
        auto list = value.toDoubleVector();
        auto* items = allocate<double>(list.size());
        std::memcpy(items, list.data(), list.size() * sizeof(double));
        out.tag = TagDoubleList;
        out.count = static_cast<int32_t>(list.size());
        out.pointer = items;
    } else {
        out.tag = TagObject;
        out.pointer = new IValue(std::move(value));
    }
}

}  // namespace

// Calls `op`. Returns how many results it gave, written to `out` (owned by the caller; with capacity 0 they are dropped), or -1.
SCONCE_API int32_t sc_call(void* op, const Value* arguments, int32_t count, Value* out, int32_t capacity) {
    static thread_local torch::jit::Stack reused;
    torch::jit::Stack stack;
    stack.swap(reused);  // an operator may call back here: the inner call then starts with a stack of its own
    int32_t results = guarded<int32_t>(-1, [&] {
        static_cast<sconce::Operation*>(op)->call(stack, arguments, count, to_ivalue);
        if (capacity == 0) return 0;
        if (static_cast<int32_t>(stack.size()) > capacity) throw std::length_error("more results than the caller has room for");
        for (size_t k = 0; k < stack.size(); k++) from_ivalue(std::move(stack[k]), out[k]);
        return static_cast<int32_t>(stack.size());
    });
    stack.clear();
    stack.swap(reused);
    return results;
}

SCONCE_API void sc_free(void* memory) { std::free(memory); }
SCONCE_API void sc_object_free(void* object) { delete static_cast<IValue*>(object); }
