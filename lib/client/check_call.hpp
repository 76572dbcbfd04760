// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CLIENT_CHECK_CALL_HPP
#define BINARLY_CLIENT_CHECK_CALL_HPP

#include <binarly/call_options.hpp>
#include <binarly/failure.hpp>
#include <binarly/image.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace binarly::call {
class engine;
}  // namespace binarly::call

namespace binarly::detail {

/// Why an operation is refused before anything is sent.
[[nodiscard]] failure refuse_call(std::string_view operation, std::string resource,
                                  std::string reason);

/// What is wrong with the arguments that all operations on an image have, if anything is.
[[nodiscard]] std::optional<failure> check_call(std::string_view operation, const image_ref& ref,
                                                const call_options& options);

/// Why no call can begin in this process; nothing where it can.
[[nodiscard]] std::optional<failure> check_process(std::string_view operation, const image_ref& ref,
                                                   call::engine& engine);

}  // namespace binarly::detail

#endif
