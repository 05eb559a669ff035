# Android: with the NDK what ships, without it the same targets, checked.

# 16 KB pages, as phones since Android 15 have them; and relocations packed in a way that every
# system of our API level reads.
android_link_flags=(-Wl,-zmax-page-size=16384 -Wl,--pack-dyn-relocs=android)

# build_android [--plain] [--all-shipping] [--classes JAR]: JAR holds the compiled Kotlin, as the
# Gradle module or the Kotlin tests make it.
build_android() {
    local plain="" classes=""
    while [ $# -gt 0 ]; do
        case "$1" in
            --plain) plain=1 ;;
            --all-shipping) plain=1 all_shipping=1 ;;
            --classes) classes=$2; shift ;;
            *) usage ;;
        esac
        shift
    done
    android=$phones/android
    rm -rf "$android"
    mkdir -p "$android"
    if [ -z "$plain" ] && [ -n "${ANDROID_NDK_HOME:-}" ] && command -v cargo-ndk >/dev/null; then
        android_with_ndk
    else
        android_plain "$classes"
    fi
}

# What ships. Not run by CI, which has no NDK: a few lines, each of which CI's own build has, too.
# The Gradle module `kotlin/` takes the folders this leaves, and makes the AAR with its classes.
android_with_ndk() {
    local target strip flags="${android_link_flags[*]/#/-Clink-arg=}"
    strip=$(echo "$ANDROID_NDK_HOME"/toolchains/llvm/prebuilt/*/bin/llvm-strip)
    for target in $ANDROID_TARGETS; do
        rustup target add "$target"
        RUSTFLAGS=$flags cargo ndk --target "$(abi "$target")" \
            --platform "$ANDROID_API" build --locked -p toruk-mobile-core --lib --profile mobile \
            --no-default-features
        mkdir -p "$android/jni/$(abi "$target")"
        "$strip" --strip-unneeded -o "$android/jni/$(abi "$target")/lib$library.so" \
            "$target_dir/$target/mobile/lib$library.so"
    done
    generate "$target_dir/aarch64-linux-android/mobile/lib$library.so" "$android" kotlin
    if command -v gradle >/dev/null; then
        gradle --project-dir "$here/kotlin" -PtorukPhones="$android" assembleRelease
        cp "$here"/kotlin/build/outputs/aar/*-release.aar "$android/toruk-core.aar"
    fi
    say "libraries, Kotlin and, with Gradle, the AAR: $android"
}

android_plain() {
    second_toolchain
    local target set
    for target in $ANDROID_TARGETS; do
        for set in $(feature_sets "$target"); do
            android_target "$target" "$set"
        done
        mkdir -p "$android/jni/$(abi "$target")"
        cp "$android/$target/lean/lib$library.so" "$android/jni/$(abi "$target")/"
    done
    # From a library of this very build, unstripped: its symbols describe the surface.
    generate "$android/aarch64-linux-android/lean/unstripped.so" "$android" kotlin
    python3 "$here/lib/aar.py" "$android/toruk-core.aar" "$here/kotlin" "$android/jni" "$1"
    say "checked, not for shipping: $android/toruk-core.aar"
    python3 "$here/lib/inspect.py" table "$android/sizes.tsv"
}

# android_target TARGET SET: builds, links against the stubs, strips, and looks into the result.
android_target() {
    local target=$1 set=$2 folder=$android/$1/$2 built=$cross/$1/mobile how
    how=$(how_built "$target" "$set")
    android_link_environment "$target"
    # One call for both kinds: the optimiser's work, nearly all of it, is done once.
    # shellcheck disable=SC2046
    cross_build "$target" "$how" staticlib,cdylib $(feature_arguments "$set") -- \
        "${link_arguments[@]}"
    mkdir -p "$folder"
    cp "$built/lib$library.so" "$folder/unstripped.so"
    "llvm-strip-$LLVM" --strip-unneeded -o "$folder/lib$library.so" "$folder/unstripped.so"
    python3 "$here/lib/inspect.py" android "$target" "$set" "$how" "$built/lib$library.a" \
        "$folder/unstripped.so" "$folder/lib$library.so" >>"$android/sizes.tsv"
    say "$target, $set, $how: $(clock)"
}

# abi TARGET: Android's name for it.
abi() {
    case "$1" in
        aarch64-*) echo arm64-v8a ;;
        armv7-*) echo armeabi-v7a ;;
        x86_64-*) echo x86_64 ;;
    esac
}

# How the core is compiled for one target and, in `link_arguments`, linked against stubs. The driver
# is clang: rustc calling lld itself crashes in this version. The NDK's clang knows the flags.
android_link_environment() {
    local target=$1 stubs=$phones/stubs/$1 arch=${1%%-*} name clang_target include
    clang_target=${target/armv7-/armv7a-}$ANDROID_API
    python3 "$here/lib/bionic_stubs.py" "$here/bionic-imports.txt" "$stubs" "$target" \
        "$ANDROID_API"
    include=$c_headers/include
    local musl=$arch kernel=$arch
    case "$arch" in
        armv7) musl=arm kernel=arm ;;
        x86_64) kernel=x86 ;;
    esac
    # musl's headers stand in for bionic's: enough to compile, and a reason not to ship the result.
    local flags="--target=$clang_target -D__errno_location=__errno" folder
    for folder in "$musl-linux-musl" generic-musl "$kernel-linux-any" any-linux-any; do
        flags+=" -isystem $include/$folder"
    done
    c_compiler "$target" "$flags"
    name=${target^^}
    name=${name//-/_}
    export "CARGO_TARGET_${name}_LINKER=clang-$LLVM"
    link_arguments=(-L "$stubs")
    local argument
    for argument in "--target=$clang_target" -fuse-ld=lld -nostdlib -nostartfiles \
        "${android_link_flags[@]}" -Wl,--no-undefined -Wl,--error-limit=0; do
        link_arguments+=("-Clink-arg=$argument")
    done
}
