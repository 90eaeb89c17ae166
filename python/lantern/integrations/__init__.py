"""Integrations with other tools, one module each. `import lantern` imports none of them."""
