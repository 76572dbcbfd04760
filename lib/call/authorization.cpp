// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/authorization.hpp"

#include <string_view>

namespace binarly::call {

std::shared_ptr<const authorization> make_authorization(secret token, std::string common_fields,
                                                        std::uint64_t generation) {
  auto made = std::make_shared<authorization>();
  if (!token.empty()) {
    constexpr std::string_view name = "Authorization: Bearer ";
    // In one piece: growing would leave a part of it behind.
    common_fields.reserve(common_fields.size() + name.size() + token.reveal().size() + 2);
    common_fields.append(name).append(token.reveal()).append("\r\n");
  }
  made->fields = secret(std::move(common_fields));
  made->token = std::move(token);
  made->generation = generation;
  return made;
}

}  // namespace binarly::call
