//! A call that spends credits, with its entry in the OpenAPI document.

/// Defines the handler of a POST. It reads and checks the call, and answers it with a function of
/// one part of the server.
macro_rules! spending_call {
    (
        $(#[doc = $doc:literal])+
        $name:ident($call:ty) -> $answer:ty, $path:literal, $tag:literal, $part:ty, $work:path
    ) => {
        $(#[doc = $doc])+
        #[utoipa::path(
            post, path = $path, tag = $tag, request_body = $call, security(("key" = [])),
            responses(
                (status = 200, description = "The answer", body = $answer),
                (status = 400, description = "The call cannot be done so", body = lantern::api::ApiErrorBody),
                (status = 401, description = "The key is missing or wrong", body = lantern::api::ApiErrorBody),
                (status = 402, description = "Too few credits", body = lantern::api::ApiErrorBody),
                (status = 404, description = "There is no such record", body = lantern::api::ApiErrorBody),
                (status = 413, description = "The body is too large", body = lantern::api::ApiErrorBody),
                (status = 422, description = "The body does not validate", body = lantern::api::answer::ValidationBody),
                (status = 429, description = "Over the rate limit", body = lantern::api::ApiErrorBody),
            )
        )]
        pub(super) async fn $name(
            State(part): State<Arc<$part>>,
            request: Request,
        ) -> Answer<$answer> {
            let (caller, call): (_, $call) = receive(request).await?;
            blocking(move || $work(&part, &caller, &call)).await.map(Json)
        }
    };
}

pub(super) use spending_call;
