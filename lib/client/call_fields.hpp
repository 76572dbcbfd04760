// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CLIENT_CALL_FIELDS_HPP
#define BINARLY_CLIENT_CALL_FIELDS_HPP

#include <binarly/call_options.hpp>

#include <memory>
#include <optional>
#include <string>

namespace binarly::detail {

/// What is wrong with the call's own header fields, if anything is; their values are not repeated.
[[nodiscard]] std::optional<std::string> check_call_fields(const call_options& options);

/// The lines that they make; null for none.
[[nodiscard]] std::shared_ptr<const std::string> call_fields(const call_options& options);

}  // namespace binarly::detail

#endif
