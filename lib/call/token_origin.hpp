// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_TOKEN_ORIGIN_HPP
#define BINARLY_CALL_TOKEN_ORIGIN_HPP

#include <binarly/credentials.hpp>
#include <binarly/secret.hpp>

#include <string>
#include <utility>
#include <variant>

namespace binarly::detail {

/// What credentials come down to. Clients that are made from the same ones share it.
class token_origin {
 public:
  struct file {
    std::string path;
  };
  using kind =
      std::variant<secret, file, client_credentials_options, password_options, token_provider>;

  explicit token_origin(kind chosen) : what(std::move(chosen)) {}

  const kind what;
};

}  // namespace binarly::detail

#endif
