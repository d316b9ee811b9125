// oneDNN on this processor, for layers that several threads may run at once.
#pragma once
#include <dnnl.hpp>

#include <string>
#include <unordered_map>

namespace sconce {

inline dnnl::engine& engine() {
    static dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    return cpu;
}

inline dnnl::stream& stream() {
    thread_local dnnl::stream own(engine());
    return own;
}

// Attributes of a primitive that computes in room that each call brings (execute, below). oneDNN's own room belongs to the thread that made
// the primitive: others that run it would write over each other's numbers.
inline dnnl::primitive_attr with_room_of_the_call() {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return attributes;
}

inline dnnl::memory room_of_the_call(const dnnl::memory::desc& wanted) {
    return wanted.get_size() > 0 ? dnnl::memory(wanted, engine()) : dnnl::memory();
}

inline void execute(const dnnl::primitive& primitive, const dnnl::memory& room, std::unordered_map<int, dnnl::memory>& arguments) {
    if (room) arguments[DNNL_ARG_SCRATCHPAD] = room;
    primitive.execute(stream(), arguments);
    stream().wait();
}

// The same numbers in another order.
inline void reorder(const dnnl::memory& from, const dnnl::memory& to) {
    dnnl::reorder::primitive_desc description(engine(), from.get_desc(), engine(), to.get_desc(), with_room_of_the_call());
    std::unordered_map<int, dnnl::memory> arguments{{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    execute(dnnl::reorder(description), room_of_the_call(description.scratchpad_desc()), arguments);
}

// Whether oneDNN has its own machine code for it, not only its reference.
template <typename Description>
bool written_for_speed(const Description& description) {
    std::string name = description.impl_info_str();
    return name.rfind("jit", 0) == 0 || name.rfind("brg", 0) == 0 || name.rfind("brd", 0) == 0;
}

}  // namespace sconce
