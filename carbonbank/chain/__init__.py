"""Edge: the EVM. The only place that knows web3, eth-tester and the compiler."""
