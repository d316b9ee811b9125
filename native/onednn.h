// oneDNN on this processor, for layers.
#pragma once
#include <dnnl.hpp>

#include <string>

namespace sconce {

inline dnnl::engine& engine() {
    static dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    return cpu;
}

inline dnnl::stream& stream() {
    thread_local dnnl::stream own(engine());
    return own;
}

// Whether oneDNN has its own machine code for it, not only its reference.
template <typename Description>
bool written_for_speed(const Description& description) {
    std::string name = description.impl_info_str();
    return name.rfind("jit", 0) == 0 || name.rfind("brg", 0) == 0;
}

}  // namespace sconce
