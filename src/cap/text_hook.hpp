// text_hook.hpp: the promise of a result that has been printed already.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <string>

namespace capnweb::detail {

// A settled promise of plain data, given as its expression. Sending it copies the text; whoever
// wants to look into the value makes it be one.
HookRef make_text_promise(std::string expression);

}  // namespace capnweb::detail
