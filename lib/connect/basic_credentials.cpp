// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/basic_credentials.hpp"

#include "domain/wipe.hpp"

#include <openssl/evp.h>

#include <string>
#include <utility>

namespace binarly::connect {

secret basic_credentials(std::string_view user, std::string_view password) {
  std::string pair;
  pair.reserve(user.size() + 1 + password.size());
  pair.append(user).append(1, ':').append(password);

  constexpr std::string_view scheme = "Basic ";
  std::string text(scheme);
  text.resize(scheme.size() + 4 * ((pair.size() + 2) / 3) + 1);  // OpenSSL writes a null at the end
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data() + scheme.size()),
                  reinterpret_cast<const unsigned char*>(pair.data()),
                  static_cast<int>(pair.size()));
  domain::wipe(pair);
  text.pop_back();
  return secret(std::move(text));
}

}  // namespace binarly::connect
