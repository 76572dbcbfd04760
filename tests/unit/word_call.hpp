// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_UNIT_WORD_CALL_HPP
#define BINARLY_TESTS_UNIT_WORD_CALL_HPP

#include "call/call.hpp"

#include <memory>

namespace binarly::testing {

/// An operation that the tests of calls make do with, and its answer's decoder.
template <class Decoder>
call::operation get_word() {
  call::operation what;
  what.name = "get word";
  what.target = "/words/1";
  what.resource_begin = 1;
  what.resource_size = 7;
  what.make_decoder.make = [](const auto&) -> std::unique_ptr<call::answer_decoder> {
    return std::make_unique<Decoder>();
  };
  return what;
}

}  // namespace binarly::testing

#endif
