#include "sconce.h"

#ifdef SCONCE_ONEDNN
#include "layer_kernel.h"

#include <ATen/Parallel.h>

namespace sconce {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

constexpr auto Float = memory::data_type::f32;

void append(dnnl::post_ops& operations, const PostOperation& operation, const memory::desc& result, bool over) {
    auto eltwise = [&](dnnl::algorithm algorithm, double alpha, double beta) {
#if DNNL_VERSION_MAJOR >= 3
        operations.append_eltwise(algorithm, static_cast<float>(alpha), static_cast<float>(beta));
#else
        operations.append_eltwise(1.f, algorithm, static_cast<float>(alpha), static_cast<float>(beta));
#endif
    };
    switch (operation.kind) {
        case After::Relu: return eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
        case After::Clamp: return eltwise(dnnl::algorithm::eltwise_clip, operation.alpha, operation.beta);
        case After::Silu: return eltwise(dnnl::algorithm::eltwise_swish, 1, 0);
        case After::Gelu: return eltwise(dnnl::algorithm::eltwise_gelu_erf, 0, 0);
        case After::GeluTanh: return eltwise(dnnl::algorithm::eltwise_gelu_tanh, 0, 0);
        case After::Sigmoid: return eltwise(dnnl::algorithm::eltwise_logistic, 0, 0);
        case After::Tanh: return eltwise(dnnl::algorithm::eltwise_tanh, 0, 0);
#if DNNL_VERSION_MAJOR >= 3
        case After::HardSwish: return eltwise(dnnl::algorithm::eltwise_hardswish, 1.0 / 6, 0.5);
#else
        case After::HardSwish: return eltwise(dnnl::algorithm::eltwise_hardswish, 0, 0);
#endif
        case After::LeakyRelu: return eltwise(dnnl::algorithm::eltwise_relu, operation.alpha, 0);
        case After::Elu: return eltwise(dnnl::algorithm::eltwise_elu, operation.alpha, 0);
        case After::Linear: return eltwise(dnnl::algorithm::eltwise_linear, operation.alpha, operation.beta);
        case After::Add:
            if (over) return operations.append_sum(1.f);
            operations.append_binary(dnnl::algorithm::binary_add, result);
    }
}

}  // namespace

LayerKernel layer_kernel(const memory::dims& source, const memory::dims& result, const memory::dims& weights, const Geometry& geometry,
    const std::vector<PostOperation>& afterwards, bool over) {
    at::get_num_threads();   // a thread that is new to libtorch learns here how many threads it may use; oneDNN asks OpenMP
    memory::desc from(source, Float, Tag::nhwc), to(result, Float, Tag::nhwc), bias({result[1]}, Float, Tag::a),
        any(weights, Float, Tag::any);
    dnnl::post_ops operations;
    for (auto& operation : afterwards) append(operations, operation, to, over);
    dnnl::primitive_attr attributes = with_room_of_the_call();
    attributes.set_post_ops(operations);
    memory::dims dilation{geometry.dilation[0] - 1, geometry.dilation[1] - 1};
    auto describe = [&] {
        auto kind = dnnl::prop_kind::forward_inference;
        auto algorithm = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
        return dnnl::convolution_forward::primitive_desc(engine(), kind, algorithm, from, any, bias, to, geometry.stride, dilation,
            geometry.before, geometry.after,
            attributes);
#else
        dnnl::convolution_forward::desc wanted(kind, algorithm, from, any, bias, to, geometry.stride, dilation, geometry.before,
            geometry.after);
        return dnnl::convolution_forward::primitive_desc(wanted, attributes, engine());
#endif
    };
    try {
        auto description = describe();
        return {description, dnnl::convolution_forward(description), {}, over};
    } catch (const dnnl::error& error) {
        if (error.status == dnnl_unimplemented) throw NoFastForm("oneDNN has no kernel");
        throw;
    }
}

void LayerKernel::run(const float* source, const memory& layer_weights, float* bias, float* result,
    const std::vector<PostOperation>& afterwards,
    const std::vector<const float*>& others) const {
    auto data = [](const float* pointer) { return const_cast<float*>(pointer); };
    std::unordered_map<int, memory> arguments{
        {DNNL_ARG_SRC, memory(description.src_desc(), engine(), data(source))},
        {DNNL_ARG_WEIGHTS, weights ? weights : layer_weights},
        {DNNL_ARG_BIAS, memory(description.bias_desc(), engine(), bias)},
        {DNNL_ARG_DST, memory(description.dst_desc(), engine(), result)},
    };
    size_t next = 0;
    for (size_t k = 0; k < afterwards.size(); k++) {
        if (over || afterwards[k].kind != After::Add) continue;
        int place = DNNL_ARG_ATTR_MULTIPLE_POST_OP(static_cast<int>(k)) | DNNL_ARG_SRC_1;
        arguments.emplace(place, memory(description.dst_desc(), engine(), data(others[next++])));
    }
    execute(primitive, room_of_the_call(description.scratchpad_desc()), arguments);
}

}  // namespace sconce
#endif
