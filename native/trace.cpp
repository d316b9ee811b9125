// Tracing: what a function calls through the door becomes a TorchScript module that can be frozen, optimised, saved and run.
#include "sconce.h"
#include "script.h"

#include <ATen/TracerMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/passes/freeze_module.h>
#include <torch/csrc/jit/passes/frozen_graph_optimizations.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>
#include <torch/csrc/jit/serialization/export.h>
#include <torch/csrc/jit/serialization/import.h>

#include <map>
#include <memory>
#include <stdexcept>

using torch::jit::Module;
using torch::jit::Stack;

namespace {

// Debian 13's libtorch generates code for elementwise chains by LLVM, and hangs in it (MODNet). Chains are ours to run (pointwise.cpp).
[[maybe_unused]] const bool without_code_generation = (torch::jit::setTensorExprFuserEnabled(false), true);

// Runs the traced function: fills `outputs` with handles that the tracer then owns; gives how many, or -1.
using TracedFunction = int32_t (*)(void* context, void* const* inputs, int32_t count, void** outputs, int32_t capacity);

constexpr int32_t MaxOutputs = 256;

Stack borrow_all(void* const* handles, int32_t count) {
    Stack stack;
    stack.reserve(count);
    for (int32_t k = 0; k < count; k++) stack.emplace_back(borrow(handles[k]));
    return stack;
}

void flatten(const c10::IValue& value, std::vector<at::Tensor>& tensors) {
    if (value.isTensor()) {
        tensors.push_back(value.toTensor());
    } else if (value.isTensorList()) {
        for (auto& tensor : value.toTensorVector()) tensors.push_back(tensor);
    } else if (value.isTuple()) {
        for (auto& item : value.toTupleRef().elements()) flatten(item, tensors);
    } else {
        throw std::invalid_argument("the module gave a result that is no tensor");
    }
}

// Constants share the parameters' memory but not their identity: a parameter may be given other data later.
void detach_constants(torch::jit::Block* block) {
    for (auto* node : block->nodes()) {
        if (node->kind() == c10::prim::Constant && node->hasAttribute(c10::attr::value) && node->kindOf(c10::attr::value) == torch::jit::AttributeKind::t) {
            node->t_(c10::attr::value, node->t(c10::attr::value).detach());
        }
        for (auto* inner : node->blocks()) detach_constants(inner);
    }
}

// A frozen graph holds copies of its weights: whoever trains the network on does not change it. Weights that two nodes share stay shared.
void own_constants(torch::jit::Block* block, std::map<c10::TensorImpl*, at::Tensor>& copies) {
    for (auto* node : block->nodes()) {
        if (node->kind() == c10::prim::Constant && node->hasAttribute(c10::attr::value)
            && node->kindOf(c10::attr::value) == torch::jit::AttributeKind::t) {
            at::Tensor given = node->t(c10::attr::value);
            if (!given.defined() || !given.has_storage()) continue;
            auto& copy = copies[given.unsafeGetTensorImpl()];
            if (!copy.defined()) {
                copy = given.clone();
                if (given.unsafeGetTensorImpl()->is_wrapped_number()) copy.unsafeGetTensorImpl()->set_wrapped_number(true);
            }
            node->t_(c10::attr::value, copy);
        }
        for (auto* inner : node->blocks()) own_constants(inner, copies);
    }
}

}  // namespace

Module module_of(std::shared_ptr<torch::jit::Graph> graph) {
    auto unit = std::make_shared<torch::jit::CompilationUnit>();
    Module module("__torch__.Traced", unit);
    graph->inputs()[0]->setType(module.type());
    module.type()->addMethod(unit->create_function(c10::QualifiedName("__torch__.Traced.forward"), graph));
    module.eval();
    return module;
}

// Traces `function` on `inputs`. Parameters must not require gradients: they become constants.
SCONCE_API void* sc_trace(void* const* inputs, int32_t count, TracedFunction function, void* context) {
    return guarded<void*>(nullptr, [&]() -> void* {
        auto body = [&](Stack given) {
            std::vector<void*> in;
            for (auto& value : given) in.push_back(value.toTensor().unsafeGetTensorImpl());
            std::vector<void*> out(MaxOutputs, nullptr);
            int32_t results = function(context, in.data(), static_cast<int32_t>(in.size()), out.data(), MaxOutputs);
            if (results < 0) throw std::runtime_error("the traced function failed");
            std::vector<c10::IValue> values;
            for (int32_t k = 0; k < results; k++) {
                values.emplace_back(at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(static_cast<TensorHandle>(out[k]))));
            }
            return results == 1 ? Stack{values[0]} : Stack{c10::ivalue::Tuple::create(std::move(values))};
        };
        std::vector<std::string> names;
        for (int32_t k = 0; k < count; k++) names.push_back(count == 1 ? "input" : "input" + std::to_string(k));
        auto traced = torch::jit::tracer::trace(borrow_all(inputs, count), body, [](const torch::autograd::Variable&) { return std::string(); }, true, false, nullptr, names);
        auto graph = traced.first->graph;
        graph->insertInput(0, "self");
        detach_constants(graph->block());
        return new Module(module_of(graph));
    });
}

// Leaves what this thread calls out of the trace (0), or takes it in again (1).
SCONCE_API void sc_trace_listen(int32_t on) { at::tracer::impl::set_dispatch_enabled(on != 0); }

// Weights become constants of the module's own; with `fold`, batch norms and the like are folded into the convolutions before them, which
// changes the rounding.
SCONCE_API void* sc_module_freeze(void* module, int32_t fold) {
    return guarded<void*>(nullptr, [&]() -> void* {
        at::NoGradGuard no_gradients;
        auto frozen = std::make_unique<Module>(torch::jit::freeze(*static_cast<Module*>(module), c10::nullopt, fold != 0));
        std::map<c10::TensorImpl*, at::Tensor> copies;
        own_constants(frozen->get_method("forward").graph()->block(), copies);
        return frozen.release();
    });
}

// Folds, fuses and prepacks a frozen module for this processor. The result runs; it can not be saved.
SCONCE_API void* sc_module_optimize(void* module) {
    return guarded<void*>(nullptr, [&]() -> void* {
        // A graph of its own: optimising rewrites it in place.
        Module copy = module_of(static_cast<Module*>(module)->get_method("forward").graph()->copy());
        return new Module(torch::jit::optimize_for_inference(copy));
    });
}

SCONCE_API void* sc_module_load(const char* path) {
    return guarded<void*>(nullptr, [&]() -> void* {
        Module module = torch::jit::load(path, c10::kCPU);
        module.eval();
        return new Module(std::move(module));
    });
}

// Gives the file's bytes to `write`, in order. libtorch's writer must never learn of a failure: its destructor would throw, which ends the process.
SCONCE_API int32_t sc_module_save(void* module, void (*write)(void* context, const void* bytes, intptr_t count), void* context) {
    return guarded<int32_t>(-1, [&] {
        auto taken = [&](const void* bytes, size_t count) {
            write(context, bytes, static_cast<intptr_t>(count));
            return count;
        };
        torch::jit::ExportModule(*static_cast<Module*>(module), taken);
        return 0;
    });
}

// The graph of `forward`, calls of other functions inlined, as libtorch prints it.
SCONCE_API char* sc_module_graph(void* module) {
    return guarded<char*>(nullptr, [&] {
        auto graph = static_cast<Module*>(module)->get_method("forward").graph()->copy();
        torch::jit::Inline(*graph);
        return copy_text(graph->toString(false));
    });
}

// Runs `forward`; the result's tensors, tuples flattened, go to `outputs`. Gives how many, or -1.
SCONCE_API int32_t sc_module_run(void* module, void* const* inputs, int32_t count, void** outputs, int32_t capacity) {
    return guarded<int32_t>(-1, [&] {
        std::vector<at::Tensor> tensors;
        flatten(static_cast<Module*>(module)->forward(borrow_all(inputs, count)), tensors);
        if (static_cast<int32_t>(tensors.size()) > capacity) throw std::length_error("more results than the caller has room for");
        for (size_t k = 0; k < tensors.size(); k++) outputs[k] = give(std::move(tensors[k]));
        return static_cast<int32_t>(tensors.size());
    });
}

SCONCE_API void sc_module_free(void* module) { delete static_cast<Module*>(module); }
