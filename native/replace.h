// Operators of libtorch that have another kernel here, so that whatever calls them, gradients included, has it.
#pragma once
#include <ATen/core/Tensor.h>
#include <torch/library.h>
#include <torch/version.h>

#include <tuple>
#include <type_traits>

namespace sconce {

// The type of a function's argument: libtorch's optional is c10's own, then the standard's.
template <size_t Number, typename Function>
struct ArgumentOf;
template <size_t Number, typename Result, typename... Arguments>
struct ArgumentOf<Number, Result (*)(Arguments...)> {
    using Type = std::decay_t<std::tuple_element_t<Number, std::tuple<Arguments...>>>;
};

#if TORCH_VERSION_MAJOR < 2
struct Silent : c10::WarningHandler {
    void process(const c10::SourceLocation&, const std::string&, const bool) override {}
};
using Quiet = c10::Warning::WarningHandlerGuard;
#else
struct Silent : c10::WarningHandler {
    void process(const c10::Warning&) override {}
};
using Quiet = c10::WarningUtils::WarningHandlerGuard;
#endif

// Puts a kernel for the processor in the place of libtorch's, which warns of such; this is on purpose.
template <typename Function>
torch::Library replace(const char* name, Function* kernel) {
    Silent silent;
    Quiet quiet(&silent);
    torch::Library library(torch::Library::IMPL, "aten", c10::DispatchKey::CPU, __FILE__, __LINE__);
    library.impl(name, kernel);
    return library;
}

inline bool plain_floats(const at::Tensor& tensor) { return tensor.scalar_type() == at::kFloat && tensor.device().is_cpu() && tensor.layout() == at::kStrided && tensor.is_contiguous(); }

}  // namespace sconce
