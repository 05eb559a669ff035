# The second toolchain: Debian's own, which builds any target's standard library from source. It
# lives beside rustup's, is called by full path, and keeps a target folder of its own.

# Headers of many systems' C libraries come with this package of PyPI; only they are taken from it.
ZIGLANG=0.17.1
LLVM=22
# The targets phones have, and the oldest systems the core runs on.
ANDROID_TARGETS="aarch64-linux-android armv7-linux-androideabi x86_64-linux-android"
IOS_TARGETS="aarch64-apple-ios aarch64-apple-ios-sim"
ANDROID_API=24
IOS_MIN=15.0

# debian_packages PACKAGE...: installs what is missing.
debian_packages() {
    local package missing=() sudo=""
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null ||
        fail "no NDK or Xcode here, and no Debian either; missing: ${missing[*]}"
    [ "$(id -u)" -eq 0 ] || sudo=sudo
    say "installing ${missing[*]}"
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -qq -y --no-install-recommends \
        "${missing[@]}" >/dev/null
}

# Installs the second toolchain and the headers; `c_headers` is where those lie afterwards.
second_toolchain() {
    debian_packages rustc-web cargo-web rust-web-src rust-web-llvm "clang-$LLVM" "lld-$LLVM" \
        "llvm-$LLVM" python3 python3-pip unzip
    c_headers=$phones/headers-$ZIGLANG/ziglang/lib/libc
    [ -d "$c_headers" ] && return
    local folder=$phones/headers-$ZIGLANG.part
    rm -rf "$folder"
    mkdir -p "$folder"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps \
        --only-binary :all: "ziglang==$ZIGLANG" --dest "$folder"
    unzip -q "$folder"/ziglang-*.whl 'ziglang/lib/libc/include/*' 'ziglang/lib/libc/darwin/*' \
        -d "$folder"
    rm "$folder"/ziglang-*.whl
    rm -rf "$phones/headers-$ZIGLANG"
    mv "$folder" "$phones/headers-$ZIGLANG"
}

# cross_build TARGET HOW CRATE-TYPES [cargo's arguments]: the core for one target. HOW is either
# `shipping`, as phones get it, or `unoptimised`, the same code in less than half the time.
# RUSTC_BOOTSTRAP lets a stable compiler build the standard library, and is set only here.
cross_build() {
    local target=$1 how=$2 kinds=$3 profile=()
    shift 3
    # Not a profile of its own, which would build the code generators again.
    [ "$how" = shipping ] || profile=(CARGO_PROFILE_MOBILE_OPT_LEVEL=0 CARGO_PROFILE_MOBILE_LTO=off
        CARGO_PROFILE_MOBILE_CODEGEN_UNITS=16)
    # Not by the other toolchain's linter, which `tests/run` compiles with.
    env -u RUSTC_WORKSPACE_WRAPPER PATH=/usr/bin:/bin RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
        "CARGO_TARGET_DIR=$cross" "${profile[@]}" nice -n 5 /usr/bin/cargo rustc --locked \
        --quiet -p toruk-mobile-core --lib --crate-type "$kinds" --profile mobile -Zbuild-std=std --target "$target" "$@"
}
cross=$phones/cross

# c_compiler TARGET FLAGS: how the `cc` crate compiles SQLite and ring for that target.
c_compiler() {
    local name=${1//-/_}
    export "CC_$name=clang-$LLVM" "AR_$name=llvm-ar-$LLVM" "CFLAGS_$name=$2"
}

# feature_sets TARGET: which sets are built for it. Phones get `lean`, where HTTP is the platform's;
# TLS and HTTP of the core's own are built for the two machines most phones have.
feature_sets() {
    case "$1" in
        aarch64-linux-android | aarch64-apple-ios) echo "lean http" ;;
        *) echo lean ;;
    esac
}

# how_built TARGET SET: the size that counts is always measured; all of them with --all-shipping.
how_built() {
    if [ -n "${all_shipping:-}" ] || [ "$1 $2" = "aarch64-linux-android lean" ]; then
        echo shipping
    else
        echo unoptimised
    fi
}

# feature_arguments SET: what cargo is told for one of the feature sets.
feature_arguments() {
    case "$1" in
        lean) echo "--no-default-features" ;;
        http) echo "--no-default-features --features http" ;;
        *) fail "no feature set $1" ;;
    esac
}

# In seconds since the start of the call.
clock() { echo "$SECONDS s"; }
