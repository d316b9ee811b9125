// An operator of the loaded libtorch, and how the arguments that a caller knows become those of its schema.
#pragma once
#include "sconce.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <string>
#include <vector>

namespace sconce {

class Operation {
public:
    // `known`: the names of the arguments that callers give, in their order, with commas between; null for callers who give the schema's own.
    Operation(c10::OperatorHandle handle, const char* known);

    const c10::FunctionSchema& schema() const { return handle.schema(); }

    // Puts the given arguments onto the stack as the schema wants them, and calls.
    template <typename Boxed>
    void call(torch::jit::Stack& stack, const Value* arguments, int32_t count, Boxed&& boxed) const {
        if (count == plain) {
            for (int32_t k = 0; k < count; k++) stack.push_back(boxed(arguments[k]));
        } else {
            auto places = arrange(count);
            for (size_t k = 0; k < places.size(); k++) stack.push_back(places[k] < 0 ? standard(k) : boxed(arguments[places[k]]));
        }
        handle.callBoxed(stack);
    }

private:
    // Of each of the schema's arguments the caller's, or -1 for its default.
    std::vector<int32_t> arrange(int32_t count) const;
    c10::IValue standard(size_t argument) const;

    c10::OperatorHandle handle;
    int32_t plain = -1;             // with so many arguments they are the schema's, one for one
    std::vector<int32_t> places;    // what `arrange` gives to callers whose names were matched
    int32_t names = -1;             // how many those give; -1: the schema's own
};

}  // namespace sconce
