"""Parts that every page uses: request context, forms, navigation, dispatch, templates."""
