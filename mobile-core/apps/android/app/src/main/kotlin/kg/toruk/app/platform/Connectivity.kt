package kg.toruk.app.platform

import android.content.Context
import android.net.ConnectivityManager
import android.net.Network
import android.net.NetworkCapabilities

/** Whether there is a network, and hearing when that changes. */
class Connectivity(context: Context) {
    private val networks = context.getSystemService(ConnectivityManager::class.java)

    /** Whether there is one now. */
    val online: Boolean
        get() {
            val capabilities = networks.getNetworkCapabilities(networks.activeNetwork) ?: return false
            return capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
        }

    /** Tells each change, for the life of the process. */
    fun listen(changed: (Boolean) -> Unit) {
        networks.registerDefaultNetworkCallback(object : ConnectivityManager.NetworkCallback() {
            override fun onAvailable(network: Network) = changed(true)
            override fun onLost(network: Network) = changed(false)
        })
    }
}
