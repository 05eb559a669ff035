plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
    id("org.jetbrains.kotlin.plugin.compose")
}

// Pushes need the deployer's project at Firebase; without its file everything else works.
if (file("google-services.json").exists()) apply(plugin = "com.google.gms.google-services")

android {
    namespace = "kg.toruk.app"
    compileSdk = 35
    defaultConfig {
        applicationId = "kg.toruk.app"
        minSdk = 26
        targetSdk = 35
        versionCode = 1
        versionName = "1"
        // -PtorukServer=https://…
        val server = findProperty("torukServer")?.toString() ?: "https://toruk.example"
        buildConfigField("String", "SERVER_URL", "\"$server\"")
        // -PtorukPins=sha256/…,sha256/…: the keys that the server's certificate may have
        val pins = findProperty("torukPins")?.toString().orEmpty()
        buildConfigField("String", "SERVER_PINS", "\"$pins\"")
    }
    buildFeatures {
        buildConfig = true
        compose = true
    }
    buildTypes["release"].apply {
        isMinifyEnabled = true
        proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    kotlinOptions { jvmTarget = "17" }
    sourceSets["main"].kotlin.srcDirs("src/main/kotlin")
}

dependencies {
    implementation(project(":core"))
    implementation(platform("androidx.compose:compose-bom:2025.05.00"))
    implementation("androidx.compose.material3:material3")
    implementation("androidx.activity:activity-compose:1.10.1")
    implementation("androidx.core:core-ktx:1.16.0")
    implementation("androidx.work:work-runtime-ktx:2.10.1")
    implementation("androidx.credentials:credentials:1.5.0")
    implementation("androidx.credentials:credentials-play-services-auth:1.5.0")
    implementation("com.google.firebase:firebase-messaging:24.1.1")
    implementation("com.squareup.okhttp3:okhttp:4.12.0")
}
