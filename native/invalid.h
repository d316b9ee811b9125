// Numbers that are none, and oneDNN: its ReLU, clamps and sigmoids make numbers of them (max(NaN, 0) is 0), and nobody would learn that a
// network broke.
#pragma once

namespace sconce {

// Whether, since this was last asked, a thread of this one's team met with a number that is none, or made one. Processors keep a flag of
// that, which kernels raise at no cost; it may also be raised by what happened before. Always true where there is no such flag.
bool met_no_number();

// Whether there is such a flag.
bool tells_no_number();

}  // namespace sconce
